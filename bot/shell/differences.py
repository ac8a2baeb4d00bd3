"""Formats comparisons with the ledger: as text, as JSON, and as an exit status."""

import json
from collections.abc import Iterator, Sequence

from bot.reports.reconciliation import Difference, DoorReport, Gap
from bot.shell.ingest import described

_SHOWN = 50  # differences of one kind; --json has them all
_WIDTH = 12  # of the longest word before a count


def status_of(reports: Sequence[DoorReport]) -> int:
    """0 when nothing is missing any more, 78 when a door is set up wrongly, else 1."""
    if any(report.error and report.permanent for report in reports):
        return 78
    return 0 if all(report.agrees for report in reports) else 1


def as_lines(reports: Sequence[DoorReport]) -> str:
    """A block for each door, and a line with the sum."""
    blocks = ["\n".join(_block(report)) for report in reports]
    return "\n\n".join([*blocks, _sum(reports)])


def _block(report: DoorReport) -> Iterator[str]:
    yield report.door
    yield from (f"  {note}" for note in report.notes)
    if report.error:
        yield f"  Not compared{' to its end' if report.seen else ''}: {report.error}"
        if not report.seen:
            return
    yield _count("seen", report.seen)
    yield _count("stored", report.stored)
    yield _count("ignored", sum(report.ignored.values()))
    yield from (f"    {count:>7,}  {reason}" for reason, count in report.ignored.items())
    if report.deleted:
        yield _count("deleted", report.deleted)
    yield _count("quarantined", report.quarantined)
    for gap in Gap:
        if gap is Gap.MISSING or report.count(gap):
            yield from _differences(report, gap)
    if report.just_arrived:
        yield f"  Of the last minute, perhaps in the bot's hands and not counted: {report.just_arrived:,}."
    if report.ours:
        yield f"  Posts of our own, which are not counted: {report.ours:,}."


def _count(word: str, count: int) -> str:
    return f"  {word:<{_WIDTH}} {count:>7,}"


def _differences(report: DoorReport, gap: Gap) -> Iterator[str]:
    found = [each for each in report.differences if each.gap is gap]
    yield _count(gap, len(found))
    yield from (f"      {_line(each)}" for each in found[:_SHOWN])
    if len(found) > _SHOWN:
        yield f"      and {len(found) - _SHOWN:,} more; --json names them all"


def _line(difference: Difference) -> str:
    named = f"{printable(difference.place)}  {printable(difference.external_id)}"
    return f"{named}: {described(difference.received)}" if difference.received else named


def _sum(reports: Sequence[DoorReport]) -> str:
    """The sum of all differences, in a sentence."""
    found = [each for report in reports for each in report.differences]
    missing = sum(each.gap is Gap.MISSING for each in found)
    others = len(found) - missing
    words = f"{missing:,} missing" + (f", {others:,} changed or deleted there" if others else "")
    if any(report.error for report in reports):
        words += ", as far as could be compared"
    if not found:
        return f"{words}."
    left = sum(each.received is None for each in found)
    return f"{words}; --mend sets that right." if left else f"{words}; all of that is mended now."


def as_json(reports: Sequence[DoorReport]) -> str:
    """One document: `status` is `ok`, `differs` or `failed`, and `doors` has an object for each."""
    failed = any(report.error for report in reports)
    agreed = all(report.agrees for report in reports)
    document = {
        "status": "failed" if failed else "ok" if agreed else "differs",
        "doors": [_object(report) for report in reports],
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _object(report: DoorReport) -> dict[str, object]:
    return {
        "door": report.door,
        "seen": report.seen,
        "stored": report.stored,
        "ignored": dict(report.ignored),
        "deleted": report.deleted,
        "quarantined": report.quarantined,
        **{gap.replace(" ", "_"): report.count(gap) for gap in Gap},
        "just_arrived": report.just_arrived,
        "ours": report.ours,
        "differences": [_difference(each) for each in report.differences],
        "notes": list(report.notes),
        "error": report.error,
    }


def _difference(difference: Difference) -> dict[str, object]:
    received = difference.received
    named = {"gap": difference.gap, "place": difference.place, "external_id": difference.external_id}
    if received is None:
        return named | {"mended": None}
    became = {"outcome": received.outcome, "reason": received.reason}
    return named | {"mended": became | {"ledger_id": received.ledger_id, "case_id": received.case_id}}


def printable(text: str) -> str:
    """A name from outside with control characters escaped, safe to print on a terminal."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)
