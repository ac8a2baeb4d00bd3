"""Mail that one mark calls a program's and nothing else does: kept whole until the team has decided (design 3.10)."""

from datetime import datetime

from casebook import ledger, notices
from casebook.incoming import Incoming
from casebook.models import LedgerRow
from casebook.outcomes import NoticeKind, Received

PREVIEW_CHARACTERS = 700


def keep(incoming: Incoming, *, now: datetime, again: LedgerRow | None = None) -> Received:
    """Keep it, and ask the team whether it becomes a case; inside the caller's transaction."""
    reason = f"it may be a program's mail ({incoming.doubt}); the team was asked"
    received = ledger.keep_waiting(incoming, reason=reason, now=now, again=again)
    ask(received.ledger_id, incoming, now=now)
    return received


def ask(ledger_id: int, incoming: Incoming, *, now: datetime, by: str = "", case_id: str = "") -> None:
    """Ask in the support channel; with `by` the question shows who decided, and for which case."""
    notices.put(
        NoticeKind.DOUBTFUL,
        lane=notices.SUPPORT,
        now=now,
        case_id=case_id or None,
        target=f"doubtful:{ledger_id}",
        payload={
            "sender": incoming.sender,
            "name": incoming.sender_name,
            "subject": incoming.subject,
            "preview": (incoming.new_text or incoming.body)[:PREVIEW_CHARACTERS],
            "doubt": incoming.doubt,
            "by": by,
            "case": case_id,
        },
    )
