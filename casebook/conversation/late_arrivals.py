"""What the words that close a case, and what was written before them, mean when one arrives after the other."""

from dataclasses import replace
from datetime import datetime, timedelta

from casebook import notices
from casebook.conversation import closing, response_state
from casebook.database import lock_case
from casebook.incoming import Incoming, Source, Standing
from casebook.models import Case, Event, Message
from casebook.records import history
from casebook.routing import Placement
from casebook.rules import Limits

JUST_CLOSED = timedelta(minutes=10)  # so long after a closing a message from before it goes to the closed case


# A mail server tells when a mail came in whole seconds, so it may have come almost a second later (RFC 3501, 2.3.3).
WHOLE_SECOND = timedelta(seconds=1)


def _at_latest(said: Message | Incoming) -> datetime:
    """When it was said at the latest."""
    return said.timestamp + (WHOLE_SECOND if said.source == Source.EMAIL else timedelta())


def close_by_words(case: Case, message: Message, *, now: datetime, limits: Limits, reason: str = "") -> None:
    """An admin's words close the case at the time at which they were written; the row of the case is locked.

    Words that arrive after something that the customer wrote later close nothing: it would be forgotten.
    """
    if not response_state.wrote_after(case, _at_latest(message)):
        closing.shut(case, by=message.sender, at=message.timestamp, now=now, limits=limits, reason=reason)
        return
    history.add(case, now, message.sender, "not closed", "the customer wrote after the words that close it")
    text = f"{case.case_id} was not closed: its customer wrote again before the words that close it had reached us."
    notices.log(text, now=now, case_id=case.case_id)


def before_closing(incoming: Incoming, placement: Placement, *, now: datetime) -> Placement:
    """Where a customer's message goes that was written before words which have closed its case: there, if just now.

    Only words count: when a command closed the case is told by our own clock, which may be wrong.
    """
    there = placement.case
    if incoming.standing is not Standing.CUSTOMER or (there is not None and there.created_at <= incoming.timestamp):
        return placement
    closed = Case.select().where((Case.status == "closed") & (Case.closed_at > _at_latest(incoming)))
    if placement.follows is not None:
        found = closed.where(Case.case_id == placement.follows).first()
    else:
        found = closed.where(Case.customer_identifier == placement.customer).order_by(Case.closed_at).first()
    if found is None or not _just_closed_by_words(found, now):
        return placement
    case = lock_case(found.case_id)
    if case.closed_at != found.closed_at:
        return placement
    history.add(case, now, incoming.sender, "came late", "written before the closing, arrived after it")
    text = f"A message of {case.case_id} that was written before its closing has arrived only now; it stays closed."
    notices.log(text, now=now, case_id=case.case_id)
    return replace(placement, case=case, follows=None)


def _just_closed_by_words(case: Case, now: datetime) -> bool:
    closing_event = (Event.case == case) & (Event.kind == "closed") & (Event.at >= now - JUST_CLOSED)
    words = (Message.case == case) & (Message.timestamp == case.closed_at) & Message.standing.in_(("admin", "note"))
    return bool(Event.select().where(closing_event).exists() and Message.select().where(words).exists())
