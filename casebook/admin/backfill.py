"""Queries for catching up on Slack: which threads to read, and which messages Slack should still have."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from casebook.incoming import Source
from casebook.models import Case, LedgerRow, Message, Post

READ_WHEN_CLOSED = timedelta(days=7)  # after closing, for which replies to a case still count (design 3.11)


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored message that nobody has deleted."""

    ts: str
    thread: str  # the ts of its thread's first message; its own outside of threads
    edited_at: datetime | None = None  # when the latest edit was made that the database has

    @property
    def is_reply(self) -> bool:
        """Whether it is a later message of a thread."""
        return bool(self.thread) and self.thread != self.ts


def cases_to_read(*, now: datetime) -> tuple[str, ...]:
    """The cases to which a reply still belongs: those that are open, and those that were closed recently."""
    live = (Case.status == "open") | (Case.closed_at > now - READ_WHEN_CLOSED)
    return tuple(str(row.case_id) for row in Case.select(Case.case_id).where(live))


def threads_of(case_ids: Sequence[str]) -> dict[str, set[str]]:
    """The threads in which a reply belongs to one of these cases: the ts of their first messages, by channel."""
    # The source is no condition here: SQLite would choose its index, and read every message.
    written = (
        Message.select(Message.place, Message.thread)
        .where(Message.case.in_(case_ids) & (Message.thread != ""))  # empty for mail
        .distinct()
    )
    cards = Post.select(Post.channel, Post.ts).where(
        Post.case.in_(case_ids) & (Post.key.startswith("card:") | Post.key.startswith("claim:"))
    )
    found: defaultdict[str, set[str]] = defaultdict(set)
    for channel, ts in (*written.tuples(), *cards.tuples()):  # model instances would take ten times as long
        found[channel].add(ts)
    return dict(found)


def kept(team: str, channel: str, *, after: str, before: str) -> tuple[Kept, ...]:
    """The messages of a channel and its threads between two ts that are stored and not deleted, oldest first."""
    prefix = f"{team}:{channel}:"
    rows = (
        Message.select(Message.external_id, Message.thread, Message.edited_at)
        .where((Message.source == Source.SLACK) & Message.deleted_at.is_null())
        .where((Message.external_id > prefix + after) & (Message.external_id < prefix + before))
    )
    found = (Kept(str(row.external_id).removeprefix(prefix), str(row.thread), row.edited_at) for row in rows)
    return tuple(sorted((each for each in found if after < each.ts < before), key=lambda each: each.ts))


def how_many(team: str, channel: str, *, after: str, before: str) -> int:
    """About how many messages a channel has between two ts, to estimate the number of calls."""
    prefix = f"{team}:{channel}:"
    rows = LedgerRow.select().where(
        (LedgerRow.source == Source.SLACK)
        & (LedgerRow.external_id > prefix + after)
        & (LedgerRow.external_id < prefix + before)
    )
    posts = Post.select().where((Post.channel == channel) & (Post.ts > after) & (Post.ts < before))
    return int(rows.count()) + int(posts.count())
