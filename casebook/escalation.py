"""Finding the cases that are due, and starting and ending episodes, with one alert for each (design 3.4)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from peewee import SQL, DoesNotExist, ModelSelect

from casebook import notices
from casebook.conversation import response_state
from casebook.database import locked
from casebook.incoming import Standing
from casebook.models import Case, Episode, Message, ReasonRow, book
from casebook.outcomes import NoticeKind
from casebook.records import history
from casebook.rules import Limits, Reason, ReasonKind, check_time_escalation

LISTED_FROM = 11  # from this many cases in one check on, a single post lists them
BATCH_SIZE = 500  # cases in one transaction of the silence check, so that others do not wait long for it


@dataclass(frozen=True, slots=True)
class Escalated:
    """The result of one silence check."""

    case_ids: tuple[str, ...]
    more: bool  # there may be more than fit into one transaction: check again


def start_episode(
    case: Case,
    reasons: Iterable[Reason],
    *,
    now: datetime,
    triggered_at: datetime,
    actor: str = "casebook",
    alert: str | None = None,
) -> bool:
    """Escalate a case, or add reasons to its open episode; inside the caller's transaction.

    Returns whether an episode was started. The caller has locked the row of the case. `triggered_at` is the time of
    the message that gave the reason: an answer written before it does not end the episode. `alert` is the key of a post
    that several episodes share; the caller then adds its notice.
    """
    given = tuple(reasons)
    if not given:
        return False
    episode = open_episode(case)
    started = episode is None
    if episode is None:
        episode = Episode.create(case=case, started_at=now, triggered_at=triggered_at, alert=alert or uuid.uuid4().hex)
    elif triggered_at > episode.triggered_at:
        episode.triggered_at = triggered_at
        episode.save(only=[Episode.triggered_at])
    if started:
        case.escalated = True
        Case.update(escalated=True).where(Case.case_id == case.case_id).execute()
    new = _add_reasons(episode, given, now)
    for reason in new:
        history.add(case, now, actor, "escalated" if started else "reason", f"{reason.kind}: {reason.evidence}")
    if new and alert is None:
        _put_notices(case, episode, now)
    return started


def recheck_keywords(case: Case, message: Message, *, now: datetime, limits: Limits) -> bool:
    """Escalate an open case if the new text of a customer's message is urgent; inside the caller's transaction.

    Returns whether an episode was started. The caller has locked the row of the case.
    """
    if case.status != "open" or message.standing != Standing.CUSTOMER:
        return False
    reason = response_state.keyword_reason(case, message, response_state.rules_text(message), limits=limits)
    return start_episode(case, (reason,) if reason else (), now=now, triggered_at=message.timestamp)


def _add_reasons(episode: Episode, reasons: Iterable[Reason], now: datetime) -> list[Reason]:
    """Store the reasons that the episode does not have yet, and return them; only keywords can be added repeatedly."""
    rows = list(ReasonRow.select().where(ReasonRow.episode == episode))
    kinds, known = {row.kind for row in rows}, {(row.kind, row.evidence) for row in rows}
    new = [
        reason
        for reason in reasons
        if (reason.kind, reason.evidence) not in known
        and (reason.kind is ReasonKind.KEYWORDS or reason.kind not in kinds)
    ]
    for reason in new:
        ReasonRow.create(episode=episode, at=now, kind=reason.kind, evidence=reason.evidence)
    return new


def end_episode(case: Case, *, at: datetime, by: str, how: str, now: datetime) -> bool:
    """End the episode of a case; inside the caller's transaction. Returns whether there was one.

    `at` is when the answer was written or the button pressed: the rules count what the customer writes after it.
    """
    episode = open_episode(case)
    if episode is None:
        return False
    episode.ended_at, episode.ended_by, episode.ended_how = at, by, how
    episode.save()
    case.escalated = False
    settle(case, at)
    Case.update(escalated=False, settled_at=case.settled_at, silent_since=case.silent_since).where(
        Case.case_id == case.case_id
    ).execute()
    history.add(case, now, by, "episode ended", how)
    _put_notices(case, episode, now)
    return True


def can_be_ended_by(case: Case, answered_at: datetime) -> bool:
    """Whether an answer written at this time ends the episode: it came after the trigger, or would have prevented it.

    An answer that arrives late may be older than the messages that escalated the case, but it does not end an
    escalation for silence or by hand that came after it.
    """
    episode = open_episode(case)
    if episode is None:
        return False
    by_messages = (ReasonKind.FOLLOW_UPS, ReasonKind.KEYWORDS)
    others = ReasonRow.select().where((ReasonRow.episode == episode) & ReasonRow.kind.not_in(by_messages))
    return answered_at >= episode.triggered_at or not others.exists()


def settle(case: Case, at: datetime) -> None:
    """Let the rules count from `at` on, after an episode or a reopening. Changes the given row, does not save it."""
    case.settled_at = max(at, case.settled_at or at)
    case.silent_since = max(at, case.silent_since)


def open_episode(case: Case) -> Episode | None:
    """The open episode of a case, if there is one."""
    try:
        episode: Episode = Episode.get((Episode.case == case) & SQL("ended_at IS NULL"))
    except DoesNotExist:
        return None
    return episode


def _put_notices(case: Case, episode: Episode, now: datetime) -> None:
    notices.card(case.case_id, now=now)
    # A post that several episodes share does not belong to a single case.
    shared = Episode.select().where((Episode.alert == episode.alert) & (Episode.id != episode.id)).exists()
    _put_alert(None if shared else case.case_id, episode.alert, now)


def _put_alert(case_id: str | None, alert: str, now: datetime) -> None:
    notices.put(NoticeKind.ALERT, lane=notices.ALERTS, now=now, case_id=case_id, target=f"alert:{alert}")


def count_due(*, now: datetime, limits: Limits) -> int:
    """How many cases `escalate_due` would escalate, over all its batches."""
    return int(_due(now, limits).count())


def _due(now: datetime, limits: Limits) -> "ModelSelect[Case]":
    query = Case.select().where(
        SQL("status = 'open' AND escalated = false") & (Case.silent_since < now - limits.silence)
    )
    return query if limits.quiet else query.where(Case.waiting_since.is_null(False))


def escalate_due(*, now: datetime, limits: Limits) -> Escalated:
    """The silence check: start an episode for each open case that has been silent for too long; one transaction.

    Of two processes that check at the same time, each skips the rows that the other has locked.
    """
    with book.atomic():
        rows = list(locked(_due(now, limits).order_by(Case.silent_since).limit(BATCH_SIZE), skip=True))
        shared = uuid.uuid4().hex if len(rows) >= LISTED_FROM else None
        started = []
        for case in sorted(rows, key=lambda row: row.number):
            reason = check_time_escalation(
                case.silent_since, now, limits=limits, waiting=case.waiting_since is not None
            )
            since = case.silent_since
            if reason and start_episode(case, (reason,), now=now, triggered_at=since, alert=shared):
                started.append(case.case_id)
        if shared and started:
            for case_id in started:
                notices.card(case_id, now=now)
            _put_alert(None, shared, now)
        return Escalated(tuple(started), more=len(rows) == BATCH_SIZE)
