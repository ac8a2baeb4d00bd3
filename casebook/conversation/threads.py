"""Which case a conversation belongs to, and who may join it by answering one of its emails (design 3.3)."""

from collections.abc import Iterator
from dataclasses import dataclass

from casebook.incoming import Incoming, Source, Standing
from casebook.models import Case, Letter, Message, Participant, Post, Secret, Thread
from casebook.records import message_ids

SECRET = "conversations"  # noqa: S105 - the name of the key that signs our Message-IDs, not the key itself

MOST_LOOKED_UP = 100  # references per email, the nearest; thousands would block the database for seconds


@dataclass(frozen=True, slots=True)
class Found:
    """The case whose conversation a message belongs to; else one that it names without its writer taking part there."""

    case: Case | None = None
    named: Case | None = None


def by_conversation(incoming: Incoming) -> Case | None:
    """The case of the nearest thread or email that this message answers, whoever wrote it."""
    return next(_named(incoming), (None, False))[0]


def joined_by(incoming: Incoming) -> Found:
    """The case that the writer may join because of what the message answers, the nearest first.

    Our own Message-IDs carry our signature. A Message-ID of somebody else proves nothing, since anybody may know or
    choose it: such a case is open only to those who take part, or were addressed by somebody who does.
    """
    first_refused: Case | None = None
    may_join: dict[str, bool] = {}
    for case, is_ours in _named(incoming):
        if not is_ours and case.case_id not in may_join:
            may_join[case.case_id] = _may_join(case, incoming.sender)
        if is_ours or may_join[case.case_id]:
            return Found(case=case)
        first_refused = first_refused or case
    return Found(named=first_refused)


def _named(incoming: Incoming) -> Iterator[tuple[Case, bool]]:
    """The cases of the messages that this one answers, the nearest first; and whether the link cannot be forged."""
    if incoming.thread and incoming.source is Source.SLACK:
        post = Post.get_or_none((Post.channel == incoming.place) & (Post.ts == incoming.thread))
        if post is not None and post.key.startswith(("card:", "claim:")):
            if (case := _case(post.case_id)) is not None:
                yield case, True
            return
    for external_id in incoming.conversation[:MOST_LOOKED_UP]:
        if (case := _of_received_message(incoming.source, external_id)) is not None:
            yield case, incoming.source is Source.SLACK  # Slack itself says which thread a message is in
        elif incoming.source is Source.EMAIL and (case := _of_sent_email(external_id)) is not None:
            yield case, True


def _may_join(case: Case, person: str) -> bool:
    if takes_part(case, person):
        return True
    relevant = Message.standing.in_((Standing.CUSTOMER, Standing.ADMIN)) & Message.addressed.is_null(False)
    rows = Message.select(Message.addressed).where((Message.case == case) & relevant)
    return any(person in row.addressed.split() for row in rows)


def case_of_message(source: Source, external_id: str) -> Case | None:
    """The case of the message with this external ID, of the thread that it started, or of the email we sent with it."""
    found = _of_received_message(source, external_id)
    return _of_sent_email(external_id) if found is None and source is Source.EMAIL else found


def _of_received_message(source: Source, external_id: str) -> Case | None:
    known = (
        Message.select(Message.case).where((Message.source == source) & (Message.external_id == external_id)).first()
    )
    known = known or Thread.get_or_none(Thread.external_id == external_id)
    return None if known is None else _case(known.case_id)


def _of_sent_email(external_id: str) -> Case | None:
    """The case of an email that we sent, by its row, else by the signed tag in its Message-ID."""
    known = Letter.get_or_none(Letter.external_id == external_id)
    if known is not None:
        return _case(known.case_id)
    case = _case(message_ids.case_named(external_id))
    key = Secret.get_or_none(Secret.name == SECRET)
    if case is None or key is None:
        return None
    return case if message_ids.is_signed(external_id, case.customer_identifier, key=key.value) else None


def is_ours(incoming: Incoming) -> bool:
    """Whether an incoming email is one that we sent."""
    return incoming.source is Source.EMAIL and (
        Letter.select().where(Letter.external_id == incoming.external_id).exists()
    )


def _case(case_id: str | None) -> Case | None:
    found: Case | None = Case.get_or_none(Case.case_id == case_id)
    return found


def takes_part(case: Case, person: str) -> bool:
    """Whether a person takes part in a case."""
    return person == case.customer_identifier or (
        Participant.select().where((Participant.case == case) & (Participant.person == person)).exists()
    )
