"""The command `casebook quarantine`: lists and shows items that could not be read, and reads mail again."""

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence

from bot.clock import Clock
from bot.mail.manual import ManualIntake, manual_intake
from bot.settings import Settings
from bot.shell.command import with_book
from bot.shell.ingest import described
from casebook import database
from casebook.admin import quarantine as kept
from casebook.errors import NotQuarantinedError
from casebook.incoming import Source
from casebook.outcomes import Outcome
from casebook.views import Quarantined

SHOWN_BYTES = 4_000


def with_words(parser: ArgumentParser) -> None:
    """Add the subcommands."""
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    words.add_parser("list", help="what is there, and why")
    show = words.add_parser("show", help="one item: why it is there, and how it begins")
    show.add_argument("id", type=int, metavar="ID", help="the number of its ledger row")
    show.add_argument("--raw", action="store_true", help="its bytes and nothing else, for a file")
    retry = words.add_parser("retry", help="read again, with the program as it is now; without an ID, all of it")
    retry.add_argument("ids", type=int, nargs="*", metavar="ID", help="the number of a ledger row")


@with_book
def quarantine(arguments: Namespace, settings: Settings) -> int:
    """List or show what could not be read, or read it again and say what became of it."""
    return _WORDS[arguments.word](arguments, settings)


def _list(_arguments: Namespace, _settings: Settings) -> int:
    items = database.work(kept.held)
    print("\n".join(_line(item) for item in items) or "Nothing is in quarantine.")
    return 0


def _line(item: Quarantined) -> str:
    return f"{item.ledger_id}  {item.received_at:%Y-%m-%d %H:%M} UTC  {item.source}  {item.size} bytes  {item.reason}"


def _show(arguments: Namespace, _settings: Settings) -> int:
    try:
        item = database.work(lambda: kept.look(arguments.id))
        raw = database.work(lambda: kept.bytes_of(arguments.id))
    except NotQuarantinedError as error:
        print(error, file=sys.stderr)
        return 1
    if arguments.raw:
        sys.stdout.buffer.write(raw)
        return 0
    print(f"{_line(item)}\n{item.external_id}\n\n{_harmless(raw[:SHOWN_BYTES])}")
    if len(raw) > SHOWN_BYTES:
        print(f"... and {len(raw) - SHOWN_BYTES} bytes more; --raw gives them all.")
    return 0


def _harmless(raw: bytes) -> str:
    """Bytes from outside as text that is safe to print on a terminal: unprintable characters are escaped."""
    text = raw.replace(b"\r\n", b"\n").decode("utf-8", "backslashreplace")
    return "".join(
        each if each in "\n\t" or each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def _retry(arguments: Namespace, settings: Settings) -> int:
    return asyncio.run(_read_all_again(arguments.ids, settings))


async def _read_all_again(ids: Sequence[int], settings: Settings) -> int:
    good = True
    async with manual_intake(settings) as intake:
        waiting = ids or [item.ledger_id for item in await intake.desk.do(kept.held)]
        for ledger_id in waiting:
            sentence, is_read = await _read_again(ledger_id, intake)
            print(f"{ledger_id}: {sentence}")
            good = good and is_read
    if not waiting:
        print("Nothing is in quarantine.")
    return 0 if good else 1


async def _read_again(ledger_id: int, intake: ManualIntake) -> tuple[str, bool]:
    """Read one item again; returns the result in a sentence, and whether it left the quarantine."""
    try:
        item = await intake.desk.do(kept.look, ledger_id)
        raw = await intake.desk.do(kept.bytes_of, ledger_id)
    except NotQuarantinedError as error:
        return str(error), True
    if item.source != Source.EMAIL:
        return "only mail can be read again, since Slack sends an event again by itself", False
    received = await intake.take_again(item, raw, now=Clock().now())
    return described(received), received.outcome is not Outcome.QUARANTINED


_WORDS: dict[str, Callable[[Namespace, Settings], int]] = {"list": _list, "show": _show, "retry": _retry}
