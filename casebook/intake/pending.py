"""Messages that wait for an admin's word: which case, whose mail, whether at all; each operation one transaction."""

from dataclasses import replace
from datetime import datetime, timedelta

from casebook import ledger
from casebook.conversation.messages import add_message_to_case
from casebook.database import lock_case, locked
from casebook.errors import SettledAlreadyError
from casebook.incoming import Incoming, Standing
from casebook.intake import doubtful, early_replies, forwards
from casebook.intake.receive import case_for, find_place, get_or_create_case, not_later_than, take_in
from casebook.models import Case, Early, book
from casebook.outcomes import Outcome, Received
from casebook.records import history
from casebook.rules import Limits

EARLY_FOR = timedelta(minutes=10)  # so long a message waits for the first of its thread
_EARLY_AT_ONCE = 500


def place_waiting(ledger_id: int, case_id: str, *, by: str, now: datetime, limits: Limits) -> Received | None:
    """Put a message that waits for an admin's word into the case that was chosen.

    None when it has been placed already. Raises NoSuchCaseError.
    """
    with book.atomic():
        incoming = ledger.waiting(ledger_id)
        if incoming is None:
            return None
        case = lock_case(case_id)
        if incoming.standing is Standing.REMARK and incoming.sender == case.customer_identifier:
            incoming = replace(incoming, standing=Standing.CUSTOMER)  # an admin has made them one
        return _put(incoming, case, ledger_id, by=by, now=now, limits=limits)


def _put(
    incoming: Incoming, case: Case, ledger_id: int, *, by: str, now: datetime, limits: Limits, opened: bool = False
) -> Received:
    """Put what waited into the case that an admin chose, and let the question say so."""
    was_open, forward, waited = case.status == "open", incoming.forward, incoming
    if forward is not None:
        incoming = forwards.of_its_author(incoming, forward)
    add_message_to_case(case, incoming, now=now, limits=limits, first=opened)
    forwards.say_who(case, incoming, now=now, limits=limits)
    history.add(case, now, by, "placed", f"ledger row {ledger_id}")
    ledger.settle(ledger_id, Outcome.MESSAGE, case_id=case.case_id)
    if forward is not None:
        forwards.ask(ledger_id, waited, forward, now=now, by=by, case_id=case.case_id)
    return Received(
        ledger_id=ledger_id,
        outcome=Outcome.MESSAGE,
        case_id=case.case_id,
        opened=opened,
        closed=was_open and case.status == "closed",
    )


def take_forward(ledger_id: int, *, by: str, now: datetime, limits: Limits) -> Received:
    """Take in a forwarded mail as its author's, because an admin says that it is; one transaction.

    Raises SettledAlreadyError, also where there is no author to be told.
    """
    with book.atomic():
        incoming = ledger.waiting(ledger_id)
        if incoming is None or incoming.forward is None or not incoming.forward.author:
            raise SettledAlreadyError
        theirs = forwards.of_its_author(incoming, incoming.forward)
        case, opened = case_for(find_place(theirs), theirs, now=now)
        return _put(incoming, case, ledger_id, by=by, now=now, limits=limits, opened=opened)


def leave_forward_out(ledger_id: int, *, by: str, now: datetime) -> None:
    """Leave a forwarded mail out, because an admin says so; one transaction. Raises SettledAlreadyError."""
    with book.atomic():
        incoming = ledger.waiting(ledger_id)
        if incoming is None or incoming.forward is None:
            raise SettledAlreadyError
        ledger.settle(ledger_id, Outcome.IGNORED, reason="it forwards a mail, and an admin left it out")
        forwards.ask(ledger_id, incoming, incoming.forward, now=now, by=by)


def take_doubtful(ledger_id: int, *, by: str, now: datetime, limits: Limits) -> Received:
    """Take in a mail that may be a program's as its sender's, because an admin says so; one transaction.

    Raises SettledAlreadyError.
    """
    with book.atomic():
        incoming = _doubtful(ledger_id)
        theirs = replace(incoming, standing=Standing.CUSTOMER)
        case, opened = case_for(find_place(theirs), theirs, now=now)
        received = _put(theirs, case, ledger_id, by=by, now=now, limits=limits, opened=opened)
        doubtful.ask(ledger_id, incoming, now=now, by=by, case_id=case.case_id)
        return received


def leave_doubtful_out(ledger_id: int, *, by: str, now: datetime) -> None:
    """Leave it out, because an admin says that it is a program's; one transaction. Raises SettledAlreadyError."""
    with book.atomic():
        incoming = _doubtful(ledger_id)
        ledger.settle(ledger_id, Outcome.IGNORED, reason=f"a program's mail, an admin says ({incoming.doubt})")
        doubtful.ask(ledger_id, incoming, now=now, by=by)


def _doubtful(ledger_id: int) -> Incoming:
    incoming = ledger.waiting(ledger_id)
    if incoming is None or incoming.standing is not Standing.DOUBTFUL:
        raise SettledAlreadyError
    return incoming


def settle_early(*, now: datetime, limits: Limits) -> int:
    """Place what came before its thread and whose thread has begun, or is not awaited any more; returns how much.

    Each message one transaction. Most are placed when their thread begins; here are those whose thread is a card that
    was just posted, those of which another process took in the beginning at the same moment, and those in vain.
    """
    rows = [row.ledger_id for row in Early.select(Early.ledger).order_by(Early.ledger).limit(_EARLY_AT_ONCE)]
    return sum(_settle_early(ledger_id, now=now, limits=limits) for ledger_id in rows)


def _settle_early(ledger_id: int, *, now: datetime, limits: Limits) -> bool:
    with book.atomic():
        if locked(Early.select().where(Early.ledger == ledger_id)).first() is None:
            return False
        incoming = ledger.waiting(ledger_id)
        if incoming is None:  # deleted, or placed by hand
            early_replies.forget(ledger_id)
            return False
        found = find_place(incoming)
        if found.case is not None:
            early_replies.add(found.case, ledger_id, incoming, now=now, limits=limits)
            return True
        row = ledger.locked_row(ledger_id)
        if found.early and row.received_at > now - EARLY_FOR:
            return False
        early_replies.forget(ledger_id)
        take_in(incoming, now=now, limits=limits, outcome=Outcome.MESSAGE, again=row)
        return True


def hold(incoming: Incoming, *, now: datetime) -> Received:
    """Keep a message until an admin says which case it is to be added to; one transaction.

    One that is part of a case already is left there (`case_id`).
    """
    with book.atomic():
        incoming, row = ledger.identify(not_later_than(incoming, now))
        if row is None:
            return ledger.keep_waiting(incoming, reason="an admin is adding it to a case", now=now)
        if row.case_id is None and row.outcome == Outcome.IGNORED:
            ledger.replace_waiting(row.id, incoming)
        return ledger.known(row)


def take_by_hand(incoming: Incoming, *, now: datetime, limits: Limits) -> Received:
    """Take in a message because an admin asks for it, though it was left out; one transaction."""
    with book.atomic():
        held = hold(incoming, now=now)
        if held.case_id is not None or held.outcome is Outcome.DELETED:
            return held
        case, opened = get_or_create_case(incoming.sender, incoming, now=now)
        add_message_to_case(case, not_later_than(incoming, now), now=now, limits=limits, first=opened)
        ledger.settle(held.ledger_id, Outcome.MESSAGE, reason="taken in by hand", case_id=case.case_id)
        return Received(ledger_id=held.ledger_id, outcome=Outcome.MESSAGE, case_id=case.case_id, opened=opened)
