"""The command that takes mail in by hand, beside the running bot: `casebook ingest`."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from bot.clock import Clock
from bot.mail.manual import MOST_BYTES, by_hand, take_in
from bot.settings import Settings
from bot.shell.command import with_book
from casebook.outcomes import Outcome, Received


def with_files(parser: ArgumentParser) -> None:
    """The mails to take in."""
    parser.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a mail as it came, headers and all")


@with_book
def ingest(arguments: Namespace, settings: Settings) -> int:
    """Take mails in files in, as if they had just come to the inbox, and say what became of each."""
    good = True
    clock, hand = Clock(), by_hand(settings)
    for path in arguments.files:
        try:
            with path.open("rb") as file:
                raw = file.read(MOST_BYTES + 1)  # one more byte shows that there are more
        except OSError as error:
            print(f"{path}: {error.strerror or type(error).__name__}", file=sys.stderr)
            good = False
            continue
        received = take_in(raw, now=clock.now(), by=hand)
        good = good and received.outcome is not Outcome.QUARANTINED
        print(f"{path}: {told(received)}")
    return 0 if good else 1


def told(received: Received) -> str:
    """What became of one mail, in words."""
    words = f"{received.outcome}{f' of {received.case_id}' if received.case_id else ''}"
    new = [word for word, true in (("a new case", received.opened), ("closed", received.closed)) if true]
    known = "known already: " if received.known else ""
    why = f": {received.reason}" if received.reason else ""
    return f"{known}{', '.join([words, *new])} (ledger row {received.ledger_id}){why}"
