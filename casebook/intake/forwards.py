"""Mail that an admin forwards: its author's message, with what the admin wrote above it as a note (design 3.3)."""

from dataclasses import replace
from datetime import datetime

from casebook import notices, routing
from casebook.conversation import threads
from casebook.conversation.messages import add_message_to_case
from casebook.incoming import Forward, Incoming, Source, Standing
from casebook.models import Case
from casebook.outcomes import NoticeKind
from casebook.records import history
from casebook.rules import Limits

PREVIEW_CHARACTERS = 700


def forwarded_by_itself(incoming: Incoming) -> Forward | None:
    """What an admin's mail passes on to us; None when it belongs to a conversation, or is addressed to a customer.

    There it is an answer that quotes.
    """
    by_admin = incoming.source is Source.EMAIL and incoming.standing in (Standing.ADMIN, Standing.CLAIM)
    if incoming.forward is None or not by_admin or incoming.about or threads.by_conversation(incoming):
        return None
    return incoming.forward


def is_certain(incoming: Incoming, forward: Forward) -> bool:
    """Whether nobody has to be asked whose it is: only a proven admin's, with an author, and no case that is meant."""
    return incoming.standing is Standing.ADMIN and forward.certain and bool(forward.author) and not forward.named


def of_its_author(incoming: Incoming, forward: Forward) -> Incoming:
    """The forwarded mail as a message of its author; a note of who forwarded it where the author is not known."""
    if not forward.author:
        return replace(incoming, standing=Standing.NOTE, forward=None)
    return replace(
        incoming,
        standing=Standing.CUSTOMER,
        sender=forward.author,
        sender_name=forward.author_name,
        subject=forward.subject,
        body=forward.body,
        new_text=forward.new_text,
        conversation=(),
        addressed=(),
        vouched=None,  # what our mail server says is of the admin who forwards it
        cases_named=forward.tagged,
        forward=replace(forward, by=incoming.sender, by_name=incoming.sender_name),
    )


def say_who(case: Case, incoming: Incoming, *, now: datetime, limits: Limits) -> None:
    """Keep with a forwarded message who forwarded it, and what they wrote above it, inside the caller's transaction."""
    forward = incoming.forward
    if forward is None or incoming.standing is not Standing.CUSTOMER:
        return
    history.add(case, now, forward.by, "forwarded", f"mail of {incoming.sender}")
    if forward.before.strip():
        note = Incoming(
            source=incoming.source,
            external_id=f"{incoming.external_id}#note",
            sender=forward.by,
            sender_name=forward.by_name,
            standing=Standing.NOTE,
            timestamp=incoming.timestamp,
            body=forward.before,
            new_text=forward.before,
            place=incoming.place,
        )
        add_message_to_case(case, note, now=now, limits=limits)


def ask(
    ledger_id: int, incoming: Incoming, forward: Forward, *, now: datetime, by: str = "", case_id: str = ""
) -> None:
    """Ask in the support channel whose it is; with `by` the question shows who decided, and for which case."""
    notices.put(
        NoticeKind.FORWARD,
        lane=notices.SUPPORT,
        now=now,
        case_id=case_id or None,
        target=f"forward:{ledger_id}",
        payload={
            "sender": incoming.sender,
            "proven": incoming.standing is Standing.ADMIN,
            "author": forward.author,
            "name": forward.author_name,
            "subject": forward.subject or incoming.subject,
            "preview": (forward.new_text or forward.body or incoming.body)[:PREVIEW_CHARACTERS],
            "candidates": [str(case.case_id) for case in routing.numbered(forward.named)],
            "by": by,
            "case": case_id,
        },
    )
