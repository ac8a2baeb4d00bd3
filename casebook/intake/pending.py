"""Messages that wait for an admin's decision: which case, whose email, whether at all; one transaction each."""

from dataclasses import replace
from datetime import datetime, timedelta

from casebook import ledger
from casebook.conversation.messages import add_message_to_case
from casebook.database import lock_case, locked
from casebook.errors import SettledAlreadyError
from casebook.incoming import Forward, Incoming, Standing
from casebook.intake import early_replies, forwards, questions
from casebook.intake.receive import cap_timestamp, case_for, find_place, get_or_create_case, take_in
from casebook.models import Case, Early, book
from casebook.outcomes import Outcome, Received
from casebook.records import history
from casebook.rules import Limits

EARLY_FOR = timedelta(minutes=10)  # how long a reply waits for the first message of its thread
_EARLY_AT_ONCE = 500


def place_waiting(ledger_id: int, case_id: str, *, by: str, now: datetime, limits: Limits) -> Received | None:
    """Put a waiting message into the case that an admin chose.

    None when it has been placed already. Raises NoSuchCaseError.
    """
    with book.atomic():
        incoming = ledger.waiting(ledger_id)
        if incoming is None:
            return None
        case = lock_case(case_id)
        theirs = incoming
        if incoming.standing is Standing.REMARK and incoming.sender == case.customer_identifier:
            theirs = replace(incoming, standing=Standing.CUSTOMER)  # the admin has made its author the customer
        if incoming.forward is not None:
            theirs = forwards.as_author_message(incoming, incoming.forward)
        return _add(theirs, case, ledger_id, waited=incoming, by=by, now=now, limits=limits)


def _add(
    theirs: Incoming,
    case: Case,
    ledger_id: int,
    *,
    waited: Incoming,
    by: str,
    now: datetime,
    limits: Limits,
    opened: bool = False,
) -> Received:
    """Add a message that waited to a case, in the form `theirs`, and show the decision where the team was asked."""
    was_open = case.status == "open"
    add_message_to_case(case, theirs, now=now, limits=limits, first=opened)
    forwards.add_forwarder_note(case, theirs, now=now, limits=limits)
    history.add(case, now, by, "placed", f"ledger row {ledger_id}")
    ledger.settle(ledger_id, Outcome.MESSAGE, case_id=case.case_id)
    questions.ask(ledger_id, waited, now=now, by=by, case_id=case.case_id)
    return Received(
        ledger_id=ledger_id,
        outcome=Outcome.MESSAGE,
        case_id=case.case_id,
        opened=opened,
        closed=was_open and case.status == "closed",
    )


def take_forward(ledger_id: int, *, by: str, now: datetime, limits: Limits) -> Received:
    """Accept a forwarded email as its author's message, as an admin decided; one transaction.

    Raises SettledAlreadyError, also if the author is unknown.
    """
    with book.atomic():
        incoming, forward = _waiting_forward(ledger_id)
        if not forward.author:
            raise SettledAlreadyError
        theirs = forwards.as_author_message(incoming, forward)
        case, opened = case_for(find_place(theirs), theirs, now=now)
        return _add(theirs, case, ledger_id, waited=incoming, by=by, now=now, limits=limits, opened=opened)


def leave_forward_out(ledger_id: int, *, by: str, now: datetime) -> None:
    """Ignore a forwarded email, as an admin decided; one transaction. Raises SettledAlreadyError."""
    with book.atomic():
        incoming, _ = _waiting_forward(ledger_id)
        ledger.settle(ledger_id, Outcome.IGNORED, reason="it forwards a mail, and an admin left it out")
        questions.ask(ledger_id, incoming, now=now, by=by)


def _waiting_forward(ledger_id: int) -> tuple[Incoming, Forward]:
    incoming = ledger.waiting(ledger_id)
    if incoming is None or incoming.forward is None:
        raise SettledAlreadyError
    return incoming, incoming.forward


def take_doubtful(ledger_id: int, *, by: str, now: datetime, limits: Limits) -> Received:
    """Accept an email that may be automatic as its sender's message, as an admin decided; one transaction.

    Raises SettledAlreadyError.
    """
    with book.atomic():
        incoming = _waiting_doubtful(ledger_id)
        theirs = replace(incoming, standing=Standing.CUSTOMER)
        case, opened = case_for(find_place(theirs), theirs, now=now)
        return _add(theirs, case, ledger_id, waited=incoming, by=by, now=now, limits=limits, opened=opened)


def leave_doubtful_out(ledger_id: int, *, by: str, now: datetime) -> None:
    """Ignore an email as automatic, as an admin decided; one transaction. Raises SettledAlreadyError."""
    with book.atomic():
        incoming = _waiting_doubtful(ledger_id)
        ledger.settle(ledger_id, Outcome.IGNORED, reason=f"a program's mail, an admin says ({incoming.doubt})")
        questions.ask(ledger_id, incoming, now=now, by=by)


def _waiting_doubtful(ledger_id: int) -> Incoming:
    incoming = ledger.waiting(ledger_id)
    if incoming is None or incoming.standing is not Standing.DOUBTFUL:
        raise SettledAlreadyError
    return incoming


def settle_early(*, now: datetime, limits: Limits) -> int:
    """Place the early replies whose thread has begun or is no longer awaited; returns how many.

    Each takes one transaction. Most are placed when their thread begins; this handles replies under a card that was
    just posted, those whose first message another process stored at the same moment, and those that waited in vain.
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
        take_in(incoming, now=now, limits=limits, outcome=Outcome.MESSAGE, own_row=row)
        return True


def hold(incoming: Incoming, *, now: datetime) -> Received:
    """Store a message until an admin chooses a case for it; one transaction.

    A message that belongs to a case already stays there (`case_id`).
    """
    with book.atomic():
        incoming, row = ledger.identify(cap_timestamp(incoming, now))
        if row is None:
            return ledger.keep_waiting(incoming, reason="an admin is adding it to a case", now=now)
        if row.case_id is None and row.outcome == Outcome.IGNORED:
            ledger.replace_waiting(row.id, incoming)
        return ledger.known(row)


def take_by_hand(incoming: Incoming, *, now: datetime, limits: Limits) -> Received:
    """Accept a message that was ignored, because an admin asks for it; one transaction."""
    with book.atomic():
        held = hold(incoming, now=now)
        if held.case_id is not None or held.outcome is Outcome.DELETED:
            return held
        case, opened = get_or_create_case(incoming.sender, incoming, now=now)
        add_message_to_case(case, cap_timestamp(incoming, now), now=now, limits=limits, first=opened)
        ledger.settle(held.ledger_id, Outcome.MESSAGE, reason="taken in by hand", case_id=case.case_id)
        return Received(ledger_id=held.ledger_id, outcome=Outcome.MESSAGE, case_id=case.case_id, opened=opened)
