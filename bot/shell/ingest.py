"""The command `casebook ingest`: takes in mails from files, beside the running bot."""

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from bot.clock import Clock
from bot.mail.manual import MOST_BYTES, manual_intake
from bot.settings import Settings
from bot.shell.command import with_book
from casebook.outcomes import Outcome, Received


def with_files(parser: ArgumentParser) -> None:
    """Add the files to take in."""
    parser.add_argument("files", nargs="+", metavar="FILE", type=Path, help="a mail as it came, headers and all")


@with_book
def ingest(arguments: Namespace, settings: Settings) -> int:
    """Take mails in files in, as if they had just come to the inbox, and say what became of each."""
    return asyncio.run(_ingest(arguments.files, settings))


async def _ingest(paths: Sequence[Path], settings: Settings) -> int:
    good = True
    clock = Clock()
    async with manual_intake(settings) as intake:
        for path in paths:
            try:
                with path.open("rb") as file:
                    raw = file.read(MOST_BYTES + 1)  # one more byte shows that there are more
            except OSError as error:
                print(f"{path}: {error.strerror or type(error).__name__}", file=sys.stderr)
                good = False
                continue
            received = await intake.take_in(raw, now=clock.now())
            good = good and received.outcome is not Outcome.QUARANTINED
            print(f"{path}: {described(received)}")
    return 0 if good else 1


def described(received: Received) -> str:
    """What became of one mail, in a sentence."""
    words = f"{received.outcome}{f' of {received.case_id}' if received.case_id else ''}"
    new = [word for word, true in (("a new case", received.opened), ("closed", received.closed)) if true]
    known = "known already: " if received.known else ""
    why = f": {received.reason}" if received.reason else ""
    return f"{known}{', '.join([words, *new])} (ledger row {received.ledger_id}){why}"
