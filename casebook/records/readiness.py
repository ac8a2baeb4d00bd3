"""Which notices can be delivered at a moment: those that are due, unclaimed, and not held up by an earlier one."""

from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, Value, fn

from casebook.database import is_postgresql
from casebook.models import Notice, Post, book
from casebook.outcomes import NoticeKind

BY_MAIL = "mail"  # the only lane that is not delivered to Slack

OPEN = SQL("state IN ('pending', 'failed')")

UNDER_CARD = (NoticeKind.THREAD, NoticeKind.ANSWER_STATE, NoticeKind.FILES)
BESIDE_CARD = (NoticeKind.ALERT, NoticeKind.CLAIM)  # contain a link to the card
WAITS_FOR_CARD = timedelta(seconds=5)  # how long these wait at most for the card to be posted
# A notice waits for an earlier one of its case with an uncertain outcome until that has been tried this often. Answers
# out of order are bad, but an answer that is never sent is worse.
TRIES_TO_WAIT_FOR = 3

_NAME_LOCK = 0x0CA5EB01  # separates these advisory locks from others; any number that all installations share

Earlier: Any = Notice.alias("earlier")


def due(now: datetime) -> Any:
    """The condition for notices that can be delivered now."""
    has_copy = fn.EXISTS(Post.select(SQL("1")).where(Post.key == Notice.target))
    return (
        OPEN
        & (Notice.due_at <= now)
        & (Notice.claimed_until.is_null() | (Notice.claimed_until < now))
        & (Notice.kind.not_in(UNDER_CARD) | has_card())
        & ((Notice.kind != NoticeKind.COPY) | has_copy)
        & (Notice.kind.not_in(BESIDE_CARD) | has_card() | (Notice.created_at < now - WAITS_FOR_CARD))
        & ~_must_wait_for_another(now)
    )


def has_card() -> Any:
    """Whether the card of the notice's case has been posted."""
    return fn.EXISTS(Post.select(SQL("1")).where(Post.key == Value("card:").concat(Notice.case)))


def has_refused_card() -> Any:
    """Whether posting the card of the notice's case has failed so far."""
    card = (Earlier.case == Notice.case) & (Earlier.kind == NoticeKind.CARD) & (Earlier.state == "failed")
    return fn.EXISTS(Earlier.select(SQL("1")).where(card))


def is_being_delivered(table: Any, now: datetime) -> Any:
    """Whether a notice is being delivered at this moment.

    A running claim ends after the time at which the notice was due. If both times are equal, the outcome of an earlier
    delivery is uncertain and nobody holds a claim: the notice waits until then for another attempt.
    """
    is_set = table.claimed_until.is_null(False)  # makes the result false instead of NULL for a notice never claimed
    return is_set & (table.claimed_until >= now) & (table.claimed_until > table.due_at)


def _must_wait_for_another(now: datetime) -> Any:
    """Whether an earlier notice of the same case, or one that updates the same post, must be finished first.

    Otherwise two couriers could post the messages of a case in any order, and a card whose delivery is uncertain would
    be posted again by the next change of the case.
    """
    unfinished = SQL("earlier.state IN ('pending', 'failed')") & Earlier.claimed_until.is_null(False)
    before = (Earlier.case == Notice.case) & (Earlier.lane == Notice.lane) & (Earlier.id < Notice.id)
    still_waited_for = is_being_delivered(Earlier, now) | (Earlier.attempts <= TRIES_TO_WAIT_FOR)
    same_post = (Earlier.target == Notice.target) & (Earlier.target != "") & (Earlier.kind == Notice.kind)
    first = (Earlier.id < Notice.id) | (Notice.claimed_until.is_null() & (Earlier.id != Notice.id))
    # Emails may overtake each other on their way anyway, so they do not wait here.
    keeps_order = Notice.lane != BY_MAIL
    return (
        keeps_order & fn.EXISTS(Earlier.select(SQL("1")).where(unfinished & before & still_waited_for))
    ) | fn.EXISTS(Earlier.select(SQL("1")).where(unfinished & same_post & first))


def lock_until_commit(name: str) -> None:
    """Take a lock on a name until the transaction ends, so that other processes that ask for it wait.

    Without it, two processes that claim in one lane at the same moment do not see each other's claims, and would take
    two notices of one case. On SQLite a transaction locks the whole database anyway.
    """
    if is_postgresql():
        book.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", (name, _NAME_LOCK))
