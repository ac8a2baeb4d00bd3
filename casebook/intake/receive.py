"""Receiving a message: from its door into its case, with all consequences, in one transaction."""

from dataclasses import replace
from datetime import datetime

from casebook import ledger, notices, routing
from casebook.conversation import late_arrivals, threads
from casebook.conversation.messages import add_message_to_case, store_earlier_text
from casebook.database import locked
from casebook.incoming import Incoming, Source, Standing
from casebook.intake import acknowledgements, duplicates, early_replies, forwards, questions
from casebook.models import Case, Counter, LedgerRow, book
from casebook.outcomes import NoticeKind, Outcome, Received
from casebook.records import history
from casebook.records.case_ids import case_id as name_of
from casebook.routing import OPEN, Placement
from casebook.rules import Limits


def receive(incoming: Incoming, *, now: datetime, limits: Limits, outcome: Outcome = Outcome.MESSAGE) -> Received:
    """Process one message from a door: its ledger row, its case, the rules and the notices, all or nothing.

    A message that was received before changes nothing (`known`). `outcome` is the ledger's outcome for a stored
    message: EDITED if an edit of it arrived first.
    """
    with book.atomic():
        incoming, row = ledger.identify(cap_timestamp(incoming, now))
        if (row := row or duplicates.ignore_duplicate(incoming, now=now)) is not None:
            if row.outcome == Outcome.EDITED:
                store_earlier_text(incoming, now=now)
            return ledger.known(row)
        return take_in(incoming, now=now, limits=limits, outcome=outcome)


def receive_again(ledger_id: int, incoming: Incoming, *, now: datetime, limits: Limits) -> Received:
    """Process an item from quarantine that can be read now; its own row gets the outcome; one transaction.

    An item that is no longer in quarantine is `known`. Raises NoSuchRowError.
    """
    with book.atomic():
        own_row = ledger.locked_row(ledger_id)
        if own_row.outcome != Outcome.QUARANTINED:
            return ledger.known(own_row)
        incoming, row = ledger.identify(cap_timestamp(incoming, now), own_row)
        if row is not None:
            reason = f"it is in the book already, as ledger row {row.id}"
            ledger.settle(ledger_id, Outcome.IGNORED, reason=reason, case_id=row.case_id)
            return ledger.known(row)
        return take_in(incoming, now=now, limits=limits, outcome=Outcome.MESSAGE, own_row=own_row)


def take_in(
    incoming: Incoming, *, now: datetime, limits: Limits, outcome: Outcome, own_row: LedgerRow | None = None
) -> Received:
    """Find the case of a new message, and store it; inside the caller's transaction.

    `own_row` is the item's ledger row if it has one already.
    """
    if incoming.standing is Standing.DOUBTFUL and not threads.is_ours(incoming):
        reason = f"it may be a program's mail ({incoming.doubt}); the team was asked"
        return questions.keep_and_ask(incoming, reason=reason, now=now, own_row=own_row)
    digest, forward = incoming.digest, forwards.standalone_forward(incoming)
    if forward is not None:
        if not forwards.is_certain(incoming, forward):
            reason = "it forwards a mail; the team was asked whose that is"
            return questions.keep_and_ask(incoming, reason=reason, now=now, own_row=own_row)
        incoming = forwards.as_author_message(incoming, forward)
    placement = _place(incoming, now=now, own_row=own_row)
    if (handled := _handle_without_case(incoming, placement, now=now, own_row=own_row)) is not None:
        return handled
    case, opened = case_for(placement, incoming, now=now)
    was_escalated, was_open = case.escalated, case.status == "open"
    _store(case, incoming, now=now, limits=limits, opened=opened)
    early_replies.follow(case, incoming, now=now, limits=limits, opened=opened)
    is_automatic = incoming.standing is Standing.AUTOMATIC
    received = ledger.enter(
        incoming.source,
        incoming.external_id,
        Outcome.IGNORED if is_automatic else outcome,
        now=now,
        reason="automatic mail, kept as a note" if is_automatic else "",
        case_id=case.case_id,
        digest=digest,
        own_row=own_row,
    )
    return replace(
        received,
        opened=opened,
        escalated=case.escalated and not was_escalated,
        closed=was_open and case.status == "closed",
    )


def _handle_without_case(
    incoming: Incoming, placement: Placement, *, now: datetime, own_row: LedgerRow | None
) -> Received | None:
    """Handle a message that has no case, or none yet; None if it has one."""
    if placement.early:
        return early_replies.keep(incoming, now=now, own_row=own_row)
    if placement.candidates:
        return _ask_which_case(incoming, placement, now=now, own_row=own_row)
    if placement.case is None and not placement.customer:
        return _leave_out(incoming, placement, now=now, own_row=own_row)
    return None


def _place(incoming: Incoming, *, now: datetime, own_row: LedgerRow | None) -> Placement:
    """The placement of a message; one that is processed again does not wait for its thread."""
    if threads.is_ours(incoming):
        return Placement(reason="mail of ours that came back")
    return late_arrivals.place_before_closing(incoming, find_place(incoming, wait_for_root=own_row is None), now=now)


def cap_timestamp(incoming: Incoming, now: datetime) -> Incoming:
    """The message with a time that is not in the future, whatever the clock of its door says."""
    return incoming if incoming.timestamp <= now else replace(incoming, timestamp=now)


def find_place(incoming: Incoming, *, wait_for_root: bool = True) -> Placement:
    """The placement of a message, with the row of its case locked; repeated if the case's status changed meanwhile."""
    while True:
        placement = routing.place(incoming, wait_for_root=wait_for_root)
        if placement.case is None:
            return placement
        row = locked(
            Case.select().where((Case.case_id == placement.case.case_id) & (Case.status == placement.case.status))
        ).first()
        if row is not None:
            return replace(placement, case=row)


def case_for(placement: Placement, incoming: Incoming, *, now: datetime) -> tuple[Case, bool]:
    """The case of a placement, opened if necessary; and whether it is new."""
    if placement.case is not None:
        return placement.case, False
    return get_or_create_case(
        placement.customer, incoming, now=now, follows=placement.follows, may_belong_to=placement.may_belong_to
    )


def get_or_create_case(
    customer: str,
    first: Incoming,
    *,
    now: datetime,
    follows: str | None = None,
    may_belong_to: str | None = None,
) -> tuple[Case, bool]:
    """The customer's open case with its row locked, else a new one opened by `first`; and whether it is new.

    Inside the caller's transaction. The counter's row is the lock: of several first messages at the same moment, one
    opens the case, and no number is skipped.
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
        may_belong_to=may_belong_to,
    )
    detail = f"follows {follows}" if follows else f"may belong to {may_belong_to}" if may_belong_to else ""
    history.add(case, now, first.sender, "opened", detail)
    return case, True


def _store(case: Case, incoming: Incoming, *, now: datetime, limits: Limits, opened: bool) -> None:
    message = add_message_to_case(case, incoming, now=now, limits=limits, first=opened)
    if opened and incoming.standing is Standing.CUSTOMER and incoming.forward is None:
        acknowledgements.put(case, message, now=now, limits=limits)
    forwards.add_forwarder_note(case, incoming, now=now, limits=limits)
    if incoming.standing is Standing.AUTOMATIC and incoming.undelivered:
        history.add(case, now, "casebook", "not delivered", incoming.undelivered)


def _leave_out(incoming: Incoming, placement: Placement, *, now: datetime, own_row: LedgerRow | None) -> Received:
    received = ledger.enter(
        incoming.source,
        incoming.external_id,
        Outcome.IGNORED,
        now=now,
        reason=placement.reason,
        digest=incoming.digest,
        own_row=own_row,
    )
    if placement.unplaced:
        text = "I could not tell which case you mean, so nothing was changed. Name it, for example CASE-0007."
        _answer_author(incoming, text, now=now)
    return replace(received, unplaced=placement.unplaced)


def _answer_author(incoming: Incoming, text: str, *, now: datetime) -> None:
    if incoming.source is Source.SLACK:
        notices.put_private(incoming.place, incoming.sender, text, now=now)
    else:
        notices.log(f"A mail from {incoming.sender}: {text}", now=now)


def _ask_which_case(incoming: Incoming, placement: Placement, *, now: datetime, own_row: LedgerRow | None) -> Received:
    """Several cases match: store the message in full, and ask the admin, with one button per case."""
    reason = "several cases fit; its author was asked which"
    received = ledger.keep_waiting(incoming, reason=reason, now=now, own_row=own_row)
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
