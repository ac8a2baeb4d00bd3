"""Taking a message in: from its door into its case, with everything that follows, in one transaction."""

from dataclasses import replace
from datetime import datetime

from casebook import ledger, notices, routing
from casebook.conversation import late_arrivals, threads
from casebook.conversation.messages import add_message_to_case, keep_earlier_words
from casebook.database import locked
from casebook.incoming import Forward, Incoming, Source, Standing
from casebook.intake import acknowledgements, doubtful, duplicates, early_replies, forwards
from casebook.models import Case, Counter, LedgerRow, book
from casebook.outcomes import NoticeKind, Outcome, Received
from casebook.records import history
from casebook.records.case_ids import case_id as name_of
from casebook.routing import OPEN, Placement
from casebook.rules import Limits


def receive(incoming: Incoming, *, now: datetime, limits: Limits, outcome: Outcome = Outcome.MESSAGE) -> Received:
    """Take in one message from a door: its ledger row, its case, the rules and the notices, all or nothing.

    A message that is known already changes nothing (`known`). `outcome` is what the ledger says of a message that
    is stored: EDITED when its first sign of life was an edit.
    """
    with book.atomic():
        incoming, row = ledger.identify(not_later_than(incoming, now))
        if (row := row or duplicates.leave_out(incoming, now=now)) is not None:
            if row.outcome == Outcome.EDITED:
                keep_earlier_words(incoming, now=now)
            return ledger.known(row)
        return take_in(incoming, now=now, limits=limits, outcome=outcome)


def receive_again(ledger_id: int, incoming: Incoming, *, now: datetime, limits: Limits) -> Received:
    """Take in what stood in quarantine and can be read now: its own row says what became of it; one transaction.

    What is not in quarantine any more is known. Raises NoSuchRowError.
    """
    with book.atomic():
        again = ledger.locked_row(ledger_id)
        if again.outcome != Outcome.QUARANTINED:
            return ledger.known(again)
        incoming, row = ledger.identify(not_later_than(incoming, now), again)
        if row is not None:
            reason = f"it is in the book already, as ledger row {row.id}"
            ledger.settle(ledger_id, Outcome.IGNORED, reason=reason, case_id=row.case_id)
            return ledger.known(row)
        return take_in(incoming, now=now, limits=limits, outcome=Outcome.MESSAGE, again=again)


def take_in(
    incoming: Incoming, *, now: datetime, limits: Limits, outcome: Outcome, again: LedgerRow | None = None
) -> Received:
    """Find the place of a message that is new to the book, and store it; inside the caller's transaction.

    `again` is the row that it has already.
    """
    if incoming.standing is Standing.DOUBTFUL and not threads.is_ours(incoming):
        return doubtful.keep(incoming, now=now, again=again)
    digest, forward = incoming.digest, forwards.forwarded_by_itself(incoming)
    if forward is not None:
        if not forwards.is_certain(incoming, forward):
            return _ask_whose(incoming, forward, now=now, again=again)
        incoming = forwards.of_its_author(incoming, forward)
    placement = _place(incoming, now=now, again=again)
    if (without_case := _without_case(incoming, placement, now=now, again=again)) is not None:
        return without_case
    case, opened = case_for(placement, incoming, now=now)
    was_escalated, was_open = case.escalated, case.status == "open"
    _store(case, incoming, now=now, limits=limits, opened=opened)
    early_replies.follow(case, incoming, now=now, limits=limits, opened=opened)
    automatic = incoming.standing is Standing.AUTOMATIC
    received = ledger.enter(
        incoming.source,
        incoming.external_id,
        Outcome.IGNORED if automatic else outcome,
        now=now,
        reason="automatic mail, kept as a note" if automatic else "",
        case_id=case.case_id,
        digest=digest,
        again=again,
    )
    return replace(
        received,
        opened=opened,
        escalated=case.escalated and not was_escalated,
        closed=was_open and case.status == "closed",
    )


def _without_case(
    incoming: Incoming, placement: Placement, *, now: datetime, again: LedgerRow | None
) -> Received | None:
    """What becomes of a message that has no case yet, or none at all; None where it has one."""
    if placement.early:
        return early_replies.keep(incoming, now=now, again=again)
    if placement.candidates:
        return _ask(incoming, placement, now=now, again=again)
    if placement.case is None and not placement.customer:
        return _leave_out(incoming, placement, now=now, again=again)
    return None


def _place(incoming: Incoming, *, now: datetime, again: LedgerRow | None) -> Placement:
    """Where it goes; what is taken in once more waits for no thread."""
    if threads.is_ours(incoming):
        return Placement(reason="mail of ours that came back")
    return late_arrivals.before_closing(incoming, find_place(incoming, patient=again is None), now=now)


def not_later_than(incoming: Incoming, now: datetime) -> Incoming:
    """A message is never later than now, whatever its door's clock says."""
    return incoming if incoming.timestamp <= now else replace(incoming, timestamp=now)


def find_place(incoming: Incoming, *, patient: bool = True) -> Placement:
    """Where the message goes, with the row of its case locked; looked for again if the case changed meanwhile."""
    while True:
        placement = routing.place(incoming, patient=patient)
        if placement.case is None:
            return placement
        row = locked(
            Case.select().where((Case.case_id == placement.case.case_id) & (Case.status == placement.case.status))
        ).first()
        if row is not None:
            return replace(placement, case=row)


def case_for(placement: Placement, incoming: Incoming, *, now: datetime) -> tuple[Case, bool]:
    """The case of a placement, opened if need be; and whether it is new."""
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
        may_belong_to=may_belong_to,
    )
    detail = f"follows {follows}" if follows else f"may belong to {may_belong_to}" if may_belong_to else ""
    history.add(case, now, first.sender, "opened", detail)
    return case, True


def _store(case: Case, incoming: Incoming, *, now: datetime, limits: Limits, opened: bool) -> None:
    message = add_message_to_case(case, incoming, now=now, limits=limits, first=opened)
    if opened and incoming.standing is Standing.CUSTOMER and incoming.forward is None:
        acknowledgements.put(case, message, now=now, limits=limits)
    forwards.say_who(case, incoming, now=now, limits=limits)
    if incoming.standing is Standing.AUTOMATIC and incoming.undelivered:
        history.add(case, now, "casebook", "not delivered", incoming.undelivered)


def _leave_out(incoming: Incoming, placement: Placement, *, now: datetime, again: LedgerRow | None) -> Received:
    received = ledger.enter(
        incoming.source,
        incoming.external_id,
        Outcome.IGNORED,
        now=now,
        reason=placement.reason,
        digest=incoming.digest,
        again=again,
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


def _ask(incoming: Incoming, placement: Placement, *, now: datetime, again: LedgerRow | None) -> Received:
    """Several cases fit: keep the message whole, and ask the admin, with one button per case."""
    reason = "several cases fit; its author was asked which"
    received = ledger.keep_waiting(incoming, reason=reason, now=now, again=again)
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


def _ask_whose(incoming: Incoming, forward: Forward, *, now: datetime, again: LedgerRow | None) -> Received:
    """An admin's mail passes on another, and it would be a guess whose case that is: keep it whole, and ask."""
    reason = "it forwards a mail; the team was asked whose that is"
    received = ledger.keep_waiting(incoming, reason=reason, now=now, again=again)
    forwards.ask(received.ledger_id, incoming, forward, now=now)
    return received
