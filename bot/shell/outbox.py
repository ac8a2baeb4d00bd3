"""The command `casebook outbox`: lists notices that wait to be delivered, retries them, or drops them."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from datetime import datetime

from bot.clock import Clock
from bot.settings import Settings
from bot.shell.command import with_book, with_json
from casebook import database
from casebook.admin import outbox_admin as kept
from casebook.admin.outbox_admin import WaitingNotice
from casebook.errors import NoSuchNoticeError, NotDroppedError

HEAD = ("ID", "age", "state", "tries", "where", "what", "case", "why")
BY = "casebook outbox"  # shown in the case's history as who dropped a notice


def with_words(parser: ArgumentParser) -> None:
    """Add the subcommands."""
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    with_json(words.add_parser("list", help="what waits, and what is refused and why"))
    retry = words.add_parser("retry", help="make due now what waits or is refused; without an ID, all that is refused")
    retry.add_argument("ids", type=int, nargs="*", metavar="ID", help="the number of a notice")
    drop = words.add_parser("drop", help="take back what was not said yet")
    drop.add_argument("ids", type=int, nargs="+", metavar="ID", help="the number of a notice")


@with_book
def outbox(arguments: Namespace, _settings: Settings) -> int:
    """List what waits to be said, try it again now, or take it back."""
    return _WORDS[arguments.word](arguments, Clock().now())


def _list(arguments: Namespace, now: datetime) -> int:
    notices = database.work(lambda: kept.waiting(now=now))
    if arguments.json:
        print(json.dumps([_as_json(notice, now) for notice in notices], indent=2))
    elif notices:
        print("\n".join(_table([HEAD, *(_cells(notice, now) for notice in notices)])))
    else:
        print("Nothing waits in the outbox.")
    return 0


def _retry(arguments: Namespace, now: datetime) -> int:
    def again(notice_id: int) -> str:
        is_due = database.work(lambda: kept.retry(notice_id, now=now))
        return "is due now." if is_due else "is being delivered at this moment."

    ids = arguments.ids or database.work(kept.refused)
    if not ids:
        print("Nothing in the outbox is refused.")
    return _each(ids, again)


def _drop(arguments: Namespace, now: datetime) -> int:
    def take_back(notice_id: int) -> str:
        dropped = database.work(lambda: kept.drop(notice_id, by=BY, now=now))
        about = f" of {dropped.case_id}" if dropped.case_id else ""
        return f"is dropped: {dropped.kind}{about}, which was for {dropped.lane}."

    return _each(database.work(lambda: kept.in_order_of_dropping(arguments.ids)), take_back)


def _each(ids: Sequence[int], act: Callable[[int], str]) -> int:
    """Call `act` for each notice and print the result; returns 1 if one of them failed."""
    status = 0
    for notice_id in ids:
        try:
            print(f"Notice {notice_id} {act(notice_id)}")
        except (NoSuchNoticeError, NotDroppedError) as error:
            print(error, file=sys.stderr)
            status = 1
    return status


def _as_json(notice: WaitingNotice, now: datetime) -> dict[str, object]:
    return {
        "id": notice.notice_id,
        "age_seconds": round((now - notice.created_at).total_seconds(), 1),
        "state": _state(notice),
        "attempts": notice.attempts,
        "lane": notice.lane,
        "kind": notice.kind,
        "case_id": notice.case_id,
        "error": notice.error,
        "created_at": notice.created_at.isoformat(timespec="seconds"),
        "due_at": notice.due_at.isoformat(timespec="seconds"),
    }


def _cells(notice: WaitingNotice, now: datetime) -> tuple[str, ...]:
    return (
        str(notice.notice_id),
        _age((now - notice.created_at).total_seconds()),
        _state(notice),
        str(notice.attempts),
        notice.lane,
        notice.kind,
        notice.case_id or "",
        "".join(each if each.isprintable() else " " for each in notice.error),  # servers may send control characters
    )


def _state(notice: WaitingNotice) -> str:
    if notice.in_hand:
        return "in hand"
    if notice.uncertain:
        return "unclear"
    return "refused" if notice.state == "failed" else "waits"


def _age(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


_WORDS: dict[str, Callable[[Namespace, datetime], int]] = {"list": _list, "retry": _retry, "drop": _drop}
