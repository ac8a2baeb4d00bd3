"""Email that an admin forwards: stored as its author's message, with the admin's own text as a note (design 3.3)."""

from dataclasses import replace
from datetime import datetime

from casebook.conversation import threads
from casebook.conversation.messages import add_message_to_case
from casebook.incoming import Forward, Incoming, Source, Standing
from casebook.models import Case
from casebook.records import history
from casebook.rules import Limits


def standalone_forward(incoming: Incoming) -> Forward | None:
    """The email that an admin forwards to us; None if theirs answers a conversation, or is addressed to a customer.

    In those cases it is an answer that quotes.
    """
    by_admin = incoming.source is Source.EMAIL and incoming.standing in (Standing.ADMIN, Standing.CLAIM)
    if incoming.forward is None or not by_admin or incoming.about or threads.by_conversation(incoming):
        return None
    return incoming.forward


def is_certain(incoming: Incoming, forward: Forward) -> bool:
    """Whether the team need not be asked: a proven admin forwarded it, its author is clear, and no case is named."""
    return incoming.standing is Standing.ADMIN and forward.certain and bool(forward.author) and not forward.named


def as_author_message(incoming: Incoming, forward: Forward) -> Incoming:
    """The forwarded email as its author's message; if the author is unknown, the admin's email as a note."""
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
        vouched=None,  # our mail server authenticated the admin, not the author
        cases_named=forward.tagged,
        forward=replace(forward, by=incoming.sender, by_name=incoming.sender_name),
    )


def add_forwarder_note(case: Case, incoming: Incoming, *, now: datetime, limits: Limits) -> None:
    """Record who forwarded a message, with their own text as a note; inside the caller's transaction."""
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
