"""Closing words and customer messages that arrive in the wrong order."""

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

JUST_CLOSED = timedelta(minutes=10)  # how long after a closing earlier messages may still join the closed case
# A mail server gives times in whole seconds, so an email may have arrived almost a second later (RFC 3501, 2.3.3).
WHOLE_SECOND = timedelta(seconds=1)


def _latest_time(message: Message | Incoming) -> datetime:
    """The latest time at which it may have been written."""
    return message.timestamp + (WHOLE_SECOND if message.source == Source.EMAIL else timedelta())


def close_by_words(case: Case, message: Message, *, now: datetime, limits: Limits, reason: str = "") -> None:
    """Close the case as of the time at which an admin wrote the closing words; the row of the case is locked.

    If the customer wrote after that time, the case stays open, so that their message is not overlooked.
    """
    if not response_state.wrote_after(case, _latest_time(message)):
        closing.close(case, by=message.sender, at=message.timestamp, now=now, limits=limits, reason=reason)
        return
    history.add(case, now, message.sender, "not closed", "the customer wrote after the words that close it")
    text = f"{case.case_id} was not closed: its customer wrote again before the words that close it had reached us."
    notices.log(text, now=now, case_id=case.case_id)


def place_before_closing(incoming: Incoming, placement: Placement, *, now: datetime) -> Placement:
    """Place a customer's message into the case that was just closed if it was written before the closing words.

    This applies only to closing by words: a closing by command has the time of our own clock, which may be wrong.
    """
    target = placement.case
    if incoming.standing is not Standing.CUSTOMER or (target is not None and target.created_at <= incoming.timestamp):
        return placement
    closed = Case.select().where((Case.status == "closed") & (Case.closed_at > _latest_time(incoming)))
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
