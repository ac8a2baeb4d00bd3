"""Read-only queries about cases, for screens and commands; they return frozen values, never rows."""

from collections.abc import Iterable
from typing import Any

from peewee import SQL, fn

from casebook.conversation import attachments, destinations
from casebook.conversation.threads import case_of_message
from casebook.incoming import Source, Standing
from casebook.models import Case, Episode, Event, Message, Post, ReasonRow
from casebook.routing import OPEN, open_case
from casebook.rules import Reason, ReasonKind
from casebook.views import (
    CaseCard,
    CaseHistory,
    CaseLine,
    CasePage,
    EpisodeView,
    EventLine,
    Filter,
    MessageView,
)

PREVIEW_CHARACTERS = 300

_first_text = (
    Message.select(fn.SUBSTR(fn.COALESCE(Message.new_text, Message.body), 1, PREVIEW_CHARACTERS))
    .where((Message.case == Case.case_id) & (Message.kind == "message"))
    .order_by(Message.timestamp, Message.id)
    .limit(1)
)
# Escalated cases first, then those whose customer has waited longest, then those that wait for the customer.
_BY_NEED = (
    SQL("escalated DESC"),
    SQL("waiting_since IS NULL"),
    SQL("waiting_since"),
    SQL("last_message_at DESC"),
)


def _lines(query: Any) -> tuple[CaseLine, ...]:
    return tuple(
        CaseLine(
            case_id=row.case_id,
            customer=row.customer_identifier,
            customer_name=row.customer_name,
            source=row.source,
            subject=row.subject,
            preview=row.preview or "",
            status=row.status,
            escalated=bool(row.escalated),
            created_at=row.created_at,
            last_message_at=row.last_message_at,
            message_count=row.message_count,
            waiting_since=row.waiting_since,
            assigned_to=row.assigned_to,
        )
        for row in query
    )


def _cases() -> Any:
    return Case.select(Case, _first_text.alias("preview"))


def _written() -> Any:
    """Messages joined with their cases, which name the customer."""
    return Message.select(Message, Case).join(Case)


def line(case_id: str) -> CaseLine | None:
    """One case as a line; None when there is no such case."""
    found = _lines(_cases().where(Case.case_id == case_id))
    return found[0] if found else None


def line_of(customer: str) -> CaseLine | None:
    """The customer's open case as a line; None without one."""
    case = open_case(customer)
    return None if case is None else line(case.case_id)


def open_cases(which: Filter = Filter.ALL, *, person: str = "", page: int = 1, size: int = 10) -> CasePage:
    """One page of the open cases: the escalated ones first, then those that have waited longest, then the rest.

    `person` is the assignee for MINE. A page beyond the last returns the last.
    """
    condition = (
        OPEN
        & {
            Filter.ALL: SQL("1 = 1"),
            Filter.MINE: Case.assigned_to == person,
            Filter.UNASSIGNED: Case.assigned_to.is_null(),
            Filter.ESCALATED: SQL("escalated = true"),
            Filter.WAITING: Case.waiting_since.is_null(False),
        }[which]
    )
    total = Case.select().where(condition).count()
    pages = max(1, -(-total // size))
    page = min(max(1, page), pages)
    query = _cases().where(condition).order_by(*_BY_NEED, Case.number).paginate(page, size)
    return CasePage(lines=_lines(query), page=page, pages=pages, total=total)


def all_cases(*, limit: int = 1000) -> tuple[CaseLine, ...]:
    """The newest cases, open and closed, the newest last."""
    newest = _lines(_cases().order_by(Case.number.desc()).limit(limit))
    return tuple(reversed(newest))


def card(case_id: str) -> CaseCard | None:
    """Everything that a case's card shows; None when there is no such case."""
    case = line(case_id)
    if case is None:
        return None
    row = Case.get(Case.case_id == case_id)
    sent = _written().where((Message.case == case_id) & (Message.kind == "message"))
    first = sent.order_by(Message.timestamp, Message.id).first()
    last = sent.order_by(Message.timestamp.desc(), Message.id.desc()).first()
    episode = Episode.select().where((Episode.case == case_id) & SQL("ended_at IS NULL")).first()
    return CaseCard(
        line=case,
        first=None if first is None else _message(first),
        last=None if last is None else _message(last),
        reasons=() if episode is None else _reasons(episode),
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        follows=row.follows,
        may_belong_to=_still_open(row.may_belong_to),
        moved_to=row.moved_to,
        card=post_of(f"card:{case_id}"),
    )


def _still_open(case_id: str | None) -> str | None:
    found = Case.select().where((Case.case_id == case_id) & OPEN)
    return case_id if case_id is not None and found.exists() else None


def _reasons(episode: Episode) -> tuple[Reason, ...]:
    rows = ReasonRow.select().where(ReasonRow.episode == episode).order_by(ReasonRow.id)
    return tuple(Reason(ReasonKind(row.kind), row.evidence) for row in rows)


def post_of(key: str) -> tuple[str, str] | None:
    """(channel, ts) of the post that is stored under this key; None when there is none."""
    post = Post.get_or_none(Post.key == key)
    return None if post is None else (post.channel, post.ts)


def _message(row: Message) -> MessageView:
    files = attachments.of(row.id)
    return MessageView(
        message_id=row.id,
        case_id=row.case_id,
        sender=row.sender,
        sender_name=row.sender_name,
        is_customers=row.sender == row.case.customer_identifier,
        is_admin=bool(row.is_admin),
        is_note=row.kind == "note",
        standing=row.standing,
        source=row.source,
        place=row.place,
        text=row.body if row.new_text is None else row.new_text,
        body=row.body,
        timestamp=row.timestamp,
        edited=row.edited_at is not None,
        deleted=row.deleted_at is not None,
        cut=bool(row.cut),
        vouched=row.vouched,
        answered_at=_answered_at(row),
        files=files,
        upload_error=attachments.upload_error(row) if files else "",
    )


def _answered_at(row: Message) -> str:
    if not row.reply_to or row.standing != Standing.CUSTOMER:
        return ""
    address = destinations.address_of(row.case, row)
    return "" if address == row.sender else address


def messages(ids: Iterable[int]) -> tuple[MessageView, ...]:
    """These messages as they are now, the oldest first."""
    query = _written().where(Message.id.in_(list(ids)))
    query = query.order_by(Message.timestamp, Message.id)
    return tuple(_message(row) for row in query)


def messages_in_post(channel: str, ts: str) -> tuple[MessageView, ...]:
    """The messages that one post shows together."""
    keys = [post.key for post in Post.select().where((Post.channel == channel) & (Post.ts == ts))]
    return messages(int(key.partition(":")[2]) for key in keys if key.startswith("message:"))


def episodes(alert: str) -> tuple[EpisodeView, ...]:
    """The episodes that one alert shows."""
    return _episodes(Episode.alert == alert)


def episodes_of(case_id: str) -> tuple[EpisodeView, ...]:
    """Every episode of a case, the oldest first."""
    return _episodes(Episode.case == case_id)


def _episodes(condition: Any) -> tuple[EpisodeView, ...]:
    rows = Episode.select().where(condition).order_by(Episode.id)
    found = []
    for row in rows:
        case = line(row.case_id)
        if case is not None:
            found.append(
                EpisodeView(
                    line=case,
                    reasons=_reasons(row),
                    started_at=row.started_at,
                    ended_at=row.ended_at,
                    ended_by=row.ended_by,
                    ended_how=row.ended_how,
                    card=post_of(f"card:{row.case_id}"),
                )
            )
    return tuple(found)


def history(case_id: str, *, latest: int = 10) -> CaseHistory | None:
    """A case with its latest messages and events; None when there is no such case."""
    shown = card(case_id)
    if shown is None:
        return None
    written = _written().where(Message.case == case_id).order_by(Message.timestamp.desc(), Message.id.desc())
    events = Event.select().where(Event.case == case_id).order_by(Event.id.desc()).limit(latest)
    return CaseHistory(
        card=shown,
        messages=tuple(_message(row) for row in reversed(list(written.limit(latest)))),
        events=tuple(
            EventLine(at=row.at, actor=row.actor, kind=row.kind, detail=row.detail) for row in reversed(list(events))
        ),
    )


def case_of_post(home_team: str, channel: str, ts: str) -> str | None:
    """The ID of the case to which the Slack message, or the card, with this ts belongs; None when there is none."""
    post = Post.get_or_none((Post.channel == channel) & (Post.ts == ts))
    if post is not None and post.case_id is not None:
        return str(post.case_id)
    case = case_of_message(Source.SLACK, f"{home_team}:{channel}:{ts}")
    return None if case is None else str(case.case_id)
