"""Replies that arrive before the first message of their thread: they wait, and follow it into its case (design 3.1)."""

from datetime import datetime

from casebook import ledger
from casebook.conversation.messages import add_message_to_case
from casebook.database import locked
from casebook.incoming import Incoming, Source, Standing
from casebook.models import Case, Early, LedgerRow
from casebook.outcomes import Outcome, Received
from casebook.rules import Limits


def keep(incoming: Incoming, *, now: datetime, own_row: LedgerRow | None = None) -> Received:
    """Store a reply in full until its thread begins; inside the caller's transaction."""
    reason = "it waits for the first message of its thread"
    received = ledger.keep_waiting(incoming, reason=reason, now=now, own_row=own_row)
    Early.create(ledger=received.ledger_id, place=incoming.place, thread=incoming.thread)
    return received


def follow(case: Case, first: Incoming, *, now: datetime, limits: Limits, opened: bool) -> None:
    """Add the replies that waited for this message to its case; inside the caller's transaction.

    The row of the case is locked by the caller.
    """
    begins = first.standing in (Standing.CUSTOMER, Standing.ADMIN) and (opened or not first.conversation)
    if first.source is not Source.SLACK or not begins:
        return
    # Rows that another process has locked are skipped and placed later: it may be waiting for the case locked here.
    rows = locked(Early.select().where((Early.place == first.place) & (Early.thread == first.thread)), skip=True)
    found = [(row.ledger_id, ledger.waiting(row.ledger_id)) for row in rows]
    waited = [(ledger_id, incoming) for ledger_id, incoming in found if incoming is not None]
    for ledger_id, incoming in sorted(waited, key=lambda pair: (pair[1].timestamp, pair[0])):
        add(case, ledger_id, incoming, now=now, limits=limits)


def add(case: Case, ledger_id: int, incoming: Incoming, *, now: datetime, limits: Limits) -> None:
    """Add a waiting reply to a case; inside the caller's transaction, with the row of the case locked."""
    add_message_to_case(case, incoming, now=now, limits=limits)
    outcome = Outcome.EDITED if incoming.edited_at else Outcome.MESSAGE
    ledger.settle(ledger_id, outcome, case_id=case.case_id)
    forget(ledger_id)


def forget(ledger_id: int) -> None:
    """Remove a reply from the waiting ones."""
    Early.delete().where(Early.ledger == ledger_id).execute()
