"""Questions to the team about an email: who wrote a forwarded one, or whether one is automatic (design 3.3, 3.10)."""

from datetime import datetime
from typing import Any

from casebook import ledger, notices, routing
from casebook.incoming import Forward, Incoming, Standing
from casebook.models import LedgerRow
from casebook.outcomes import NoticeKind, Received

PREVIEW_CHARACTERS = 700


def keep_and_ask(incoming: Incoming, *, reason: str, now: datetime, own_row: LedgerRow | None = None) -> Received:
    """Store an email in full until the team has decided, and ask them; inside the caller's transaction."""
    received = ledger.keep_waiting(incoming, reason=reason, now=now, own_row=own_row)
    ask(received.ledger_id, incoming, now=now)
    return received


def ask(ledger_id: int, incoming: Incoming, *, now: datetime, by: str = "", case_id: str = "") -> None:
    """Post or update the question in the support channel; with `by` it shows who decided, and for which case.

    Nothing is posted about a message that raises no such question.
    """
    if incoming.standing is Standing.DOUBTFUL:
        kind, details = NoticeKind.DOUBTFUL, _about_doubt(incoming)
    elif incoming.forward is not None:
        kind, details = NoticeKind.FORWARD, _about_forward(incoming, incoming.forward)
    else:
        return
    notices.put(
        kind,
        lane=notices.SUPPORT,
        now=now,
        case_id=case_id or None,
        target=f"{kind}:{ledger_id}",
        payload={"sender": incoming.sender, **details, "by": by, "case": case_id},
    )


def _about_doubt(incoming: Incoming) -> dict[str, Any]:
    return {
        "name": incoming.sender_name,
        "subject": incoming.subject,
        "preview": (incoming.new_text or incoming.body)[:PREVIEW_CHARACTERS],
        "doubt": incoming.doubt,
    }


def _about_forward(incoming: Incoming, forward: Forward) -> dict[str, Any]:
    return {
        "proven": incoming.standing is Standing.ADMIN,
        "author": forward.author,
        "name": forward.author_name,
        "subject": forward.subject or incoming.subject,
        "preview": (forward.new_text or forward.body or incoming.body)[:PREVIEW_CHARACTERS],
        "candidates": [str(case.case_id) for case in routing.cases_by_number(forward.named)],
    }
