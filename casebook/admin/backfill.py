"""What reading back on Slack asks the book: what is known, which threads to read, what ought to stand there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import chunked

from casebook.incoming import Source
from casebook.models import Case, LedgerRow, Message, Post

READ_WHEN_CLOSED = timedelta(days=7)  # replies to a case that was closed this long ago still count (design 3.11)
_TOGETHER = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """A message in the book that nobody has deleted."""

    ts: str
    thread: str  # the ts of its thread's first message; its own outside of threads
    edited_at: datetime | None = None  # when the latest edit was made that the database has


def known_ids(source: str, external_ids: Iterable[str]) -> frozenset[str]:
    """Which of these items have a row in the ledger."""
    known: set[str] = set()
    for some in chunked(external_ids, _TOGETHER):
        rows = LedgerRow.select(LedgerRow.external_id).where(
            (LedgerRow.source == source) & LedgerRow.external_id.in_(some)
        )
        known.update(str(row.external_id) for row in rows)
    return frozenset(known)


def threads(*, now: datetime) -> dict[str, tuple[str, ...]]:
    """Where a reply would belong to a case that is open or was closed lately: the first messages' ts, by channel."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for some in chunked(cases_to_read(now=now), _TOGETHER):
        for channel, roots in threads_of(some).items():
            found[channel] |= roots
    return {channel: tuple(sorted(roots)) for channel, roots in found.items()}


def cases_to_read(*, now: datetime) -> tuple[str, ...]:
    """The cases to which a reply still belongs: the open ones, and those that were closed lately."""
    live = (Case.status == "open") | (Case.closed_at > now - READ_WHEN_CLOSED)
    return tuple(str(row.case_id) for row in Case.select(Case.case_id).where(live))


def threads_of(case_ids: Sequence[str]) -> dict[str, set[str]]:
    """Where a reply would belong to one of these cases: the ts of the threads' first messages, by channel."""
    # Of the source nothing is asked: SQLite would choose its index, and read every message there is.
    written = (
        Message.select(Message.place, Message.thread)
        .where(Message.case.in_(case_ids) & (Message.thread != ""))  # which mail has not
        .distinct()
    )
    cards = Post.select(Post.channel, Post.ts).where(
        Post.case.in_(case_ids) & (Post.key.startswith("card:") | Post.key.startswith("claim:"))
    )
    found: defaultdict[str, set[str]] = defaultdict(set)
    for channel, ts in (*written.tuples(), *cards.tuples()):  # rows as objects would take ten times as long
        found[channel].add(ts)
    return dict(found)


def kept(team: str, channel: str, *, after: str, before: str) -> tuple[Kept, ...]:
    """The messages of a channel and its threads between two ts that are in the book and not deleted, oldest first."""
    prefix = f"{team}:{channel}:"
    rows = (
        Message.select(Message.external_id, Message.thread, Message.edited_at)
        .where((Message.source == Source.SLACK) & Message.deleted_at.is_null())
        .where((Message.external_id > prefix + after) & (Message.external_id < prefix + before))
    )
    found = (Kept(str(row.external_id).removeprefix(prefix), str(row.thread), row.edited_at) for row in rows)
    return tuple(sorted((each for each in found if after < each.ts < before), key=lambda each: each.ts))


def how_many(team: str, channel: str, *, after: str, before: str) -> int:
    """About how much stands in a channel between two ts, by what the book knows of it: to choose the shorter way."""
    prefix = f"{team}:{channel}:"
    rows = LedgerRow.select().where(
        (LedgerRow.source == Source.SLACK)
        & (LedgerRow.external_id > prefix + after)
        & (LedgerRow.external_id < prefix + before)
    )
    posts = Post.select().where((Post.channel == channel) & (Post.ts > after) & (Post.ts < before))
    return int(rows.count()) + int(posts.count())
