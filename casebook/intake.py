"""Taking a message in: from its door into its case, with everything that follows, in one transaction."""

from dataclasses import replace
from datetime import datetime

from casebook import acknowledgements, events, ledger, notices, routing
from casebook.database import lock_case, locked
from casebook.incoming import Incoming, Source, Standing
from casebook.messages import add_message_to_case
from casebook.models import Case, Counter, book
from casebook.naming import case_id as name_of
from casebook.outcomes import NoticeKind, Outcome, Received
from casebook.routing import OPEN, Placement
from casebook.rules import Limits


def receive(incoming: Incoming, *, now: datetime, limits: Limits, outcome: Outcome = Outcome.MESSAGE) -> Received:
    """Take in one message from a door: its ledger row, its case, the rules and the notices, all or nothing.

    A message that is known already changes nothing (`known`). `outcome` is what the ledger says of a message that
    is stored: EDITED when its first sign of life was an edit.
    """
    with book.atomic():
        incoming, row = ledger.identify(_not_later_than(incoming, now))
        if row is not None:
            return ledger.known(row)
        placement = _place(incoming)
        if routing.is_ours(incoming):
            placement = Placement(reason="mail of ours that came back")
        if placement.candidates:
            return _ask(incoming, placement, now=now)
        if placement.case is None and not placement.customer:
            return _leave_out(incoming, placement, now=now)
        case, opened = _case_for(placement, incoming, now=now)
        return _store(case, incoming, now=now, limits=limits, opened=opened, outcome=outcome)


def _not_later_than(incoming: Incoming, now: datetime) -> Incoming:
    """A message is never later than now, whatever its door's clock says."""
    return incoming if incoming.timestamp <= now else replace(incoming, timestamp=now)


def _place(incoming: Incoming) -> Placement:
    """Where the message goes, with the row of its case locked; looked for again if the case changed meanwhile."""
    while True:
        placement = routing.place(incoming)
        if placement.case is None:
            return placement
        row = locked(
            Case.select().where((Case.case_id == placement.case.case_id) & (Case.status == placement.case.status))
        ).first()
        if row is not None:
            return replace(placement, case=row)


def _case_for(placement: Placement, incoming: Incoming, *, now: datetime) -> tuple[Case, bool]:
    if placement.case is not None:
        return placement.case, False
    return get_or_create_case(placement.customer, incoming, now=now, follows=placement.follows)


def get_or_create_case(
    customer: str, first: Incoming, *, now: datetime, follows: str | None = None
) -> tuple[Case, bool]:
    """The customer's open case with its row locked, else a new one begun by `first`; and whether it is new.

    Inside the caller's transaction. The counter's row is the lock: of many first messages at the same moment one
    opens the case, and no number is left out.
    """
    counter = locked(Counter.select().where(Counter.name == "cases")).get()
    existing = locked(Case.select().where((Case.customer_identifier == customer) & OPEN)).first()
    if existing is not None:
        return existing, False
    number = counter.value + 1
    Counter.update(value=number).where(Counter.name == "cases").execute()
    case = Case.create(
        case_id=name_of(number),
        number=number,
        customer_identifier=customer,
        customer_name=first.sender_name if first.sender == customer else "",
        source=first.source,
        subject=first.subject,
        created_at=first.timestamp,
        last_message_at=first.timestamp,
        silent_since=first.timestamp,
        follows=follows,
    )
    detail = f"follows {follows}" if follows else ""
    events.add(case, now, first.sender, "opened", detail)
    return case, True


def _store(
    case: Case, incoming: Incoming, *, now: datetime, limits: Limits, opened: bool, outcome: Outcome
) -> Received:
    was_escalated, was_open = case.escalated, case.status == "open"
    message = add_message_to_case(case, incoming, now=now, limits=limits, first=opened)
    if opened and incoming.standing is Standing.CUSTOMER:
        acknowledgements.put(case, message, now=now, limits=limits)
    automatic = incoming.standing is Standing.AUTOMATIC
    received = ledger.enter(
        incoming.source,
        incoming.external_id,
        Outcome.IGNORED if automatic else outcome,
        now=now,
        reason="automatic mail, kept as a note" if automatic else "",
        case_id=case.case_id,
        digest=incoming.digest,
    )
    return replace(
        received,
        opened=opened,
        escalated=case.escalated and not was_escalated,
        closed=was_open and case.status == "closed",
    )


def _leave_out(incoming: Incoming, placement: Placement, *, now: datetime) -> Received:
    received = ledger.enter(
        incoming.source,
        incoming.external_id,
        Outcome.IGNORED,
        now=now,
        reason=placement.reason,
        digest=incoming.digest,
    )
    if placement.unplaced:
        text = "I could not tell which case you mean, so nothing was changed. Name it, for example CASE-0007."
        _say_privately(incoming, text, now=now)
    return replace(received, unplaced=placement.unplaced)


def _say_privately(incoming: Incoming, text: str, *, now: datetime) -> None:
    if incoming.source is Source.SLACK:
        notices.privately(incoming.place, incoming.sender, text, now=now)
    else:
        notices.log(f"A mail from {incoming.sender}: {text}", now=now)


def _ask(incoming: Incoming, placement: Placement, *, now: datetime) -> Received:
    """Several cases fit: keep the message whole, and ask the admin, with one button per case."""
    received = ledger.keep_waiting(incoming, reason="several cases fit; its author was asked which", now=now)
    in_slack = incoming.source is Source.SLACK
    notices.put(
        NoticeKind.ASK,
        lane=incoming.place if in_slack else notices.SUPPORT,
        now=now,
        target=f"ledger:{received.ledger_id}",
        payload={
            "user": incoming.sender if in_slack else "",
            "sender": incoming.sender,
            "candidates": list(placement.candidates),
        },
    )
    return replace(received, candidates=placement.candidates)


def place_waiting(ledger_id: int, case_id: str, *, by: str, now: datetime, limits: Limits) -> Received | None:
    """Put a message that waits for an admin's word into the case that was chosen.

    None when it has been placed already. Raises NoSuchCaseError.
    """
    with book.atomic():
        incoming = ledger.waiting(ledger_id)
        if incoming is None:
            return None
        case = lock_case(case_id)
        was_open = case.status == "open"
        if incoming.standing is Standing.REMARK and incoming.sender == case.customer_identifier:
            incoming = replace(incoming, standing=Standing.CUSTOMER)  # an admin has made them one
        add_message_to_case(case, incoming, now=now, limits=limits)
        events.add(case, now, by, "placed", f"ledger row {ledger_id}")
        ledger.settle(ledger_id, Outcome.MESSAGE, case_id=case_id)
        return Received(
            ledger_id=ledger_id,
            outcome=Outcome.MESSAGE,
            case_id=case_id,
            closed=was_open and case.status == "closed",
        )


def hold(incoming: Incoming, *, now: datetime) -> Received:
    """Keep a message until an admin says which case it is to be added to; one transaction.

    One that is part of a case already is left there (`case_id`).
    """
    with book.atomic():
        incoming, row = ledger.identify(_not_later_than(incoming, now))
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
        add_message_to_case(case, _not_later_than(incoming, now), now=now, limits=limits, first=opened)
        ledger.settle(held.ledger_id, Outcome.MESSAGE, reason="taken in by hand", case_id=case.case_id)
        return Received(ledger_id=held.ledger_id, outcome=Outcome.MESSAGE, case_id=case.case_id, opened=opened)
