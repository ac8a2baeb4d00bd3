"""Which notices can be said at a moment: due, in nobody's hands, and after what must be said before them."""

from datetime import datetime, timedelta
from typing import Any

from peewee import SQL, Value, fn

from casebook.database import is_postgresql
from casebook.models import Notice, Post, book
from casebook.outcomes import NoticeKind

BY_MAIL = "mail"  # the one lane that is not Slack's

OPEN = SQL("state IN ('pending', 'failed')")

UNDER_CARD = (NoticeKind.THREAD, NoticeKind.ANSWER_STATE, NoticeKind.FILES)
BESIDE_CARD = (NoticeKind.ALERT, NoticeKind.CLAIM)  # link to it
WAITS_FOR_CARD = timedelta(seconds=5)  # an alert links to the card, but never waits longer for it
# What comes after a notice of its case that may have been said waits so many tries for it, then it is no longer held
# up: an answer that overtakes another is bad, one that never comes is worse.
TRIES_WAITED_FOR = 3

_CHOOSING = 0x0CA5EB01  # keeps the locks of lanes apart from others'; any number that all Casebooks agree on

Earlier: Any = Notice.alias("earlier")


def due(now: datetime) -> Any:
    """What can be said now."""
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
    """Whether the card of the notice's case stands in the support channel."""
    return fn.EXISTS(Post.select(SQL("1")).where(Post.key == Value("card:").concat(Notice.case)))


def has_refused_card() -> Any:
    """Whether the card of the notice's case is refused for now."""
    card = (Earlier.case == Notice.case) & (Earlier.kind == NoticeKind.CARD) & (Earlier.state == "failed")
    return fn.EXISTS(Earlier.select(SQL("1")).where(card))


def in_hand(table: Any, now: datetime) -> Any:
    """Whether somebody delivers it at this moment.

    A claim ends after the notice fell due; where the two are the same moment, nobody has it, and it waits until then
    to be looked for.
    """
    is_set = table.claimed_until.is_null(False)  # so that it is false, and not unknown, of what nobody ever took
    return is_set & (table.claimed_until >= now) & (table.claimed_until > table.due_at)


def _must_wait_for_another(now: datetime) -> Any:
    """Whether one of the same case is under way before it, or one that may have made the post that it would make.

    Two couriers would else say the messages of a case in any order, and a card whose fate is not known would be
    posted a second time by the next change of the case.
    """
    unclear = SQL("earlier.state IN ('pending', 'failed')") & Earlier.claimed_until.is_null(False)
    before = (Earlier.case == Notice.case) & (Earlier.lane == Notice.lane) & (Earlier.id < Notice.id)
    patience = in_hand(Earlier, now) | (Earlier.attempts <= TRIES_WAITED_FOR)
    same_post = (Earlier.target == Notice.target) & (Earlier.target != "") & (Earlier.kind == Notice.kind)
    first = (Earlier.id < Notice.id) | (Notice.claimed_until.is_null() & (Earlier.id != Notice.id))
    # Mails keep no order on their way, so none waits there for another.
    keeps_order = Notice.lane != BY_MAIL
    return (keeps_order & fn.EXISTS(Earlier.select(SQL("1")).where(unclear & before & patience))) | fn.EXISTS(
        Earlier.select(SQL("1")).where(unclear & same_post & first)
    )


def one_at_a_time(lane: str) -> None:
    """Let no other process choose in this lane until the transaction ends.

    Two that choose at the same moment do not see each other's choice, and would take two notices of one case.
    """
    if is_postgresql():
        book.execute_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", (lane, _CHOOSING))
