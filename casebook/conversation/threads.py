"""Which case a conversation belongs to, and who may join it by naming one of its mails (design 3.3)."""

from collections.abc import Iterator
from dataclasses import dataclass

from casebook.incoming import Incoming, Source, Standing
from casebook.models import Case, Letter, Message, Participant, Post, Secret, Thread
from casebook.records import message_ids

SECRET = "conversations"  # noqa: S105 - the name of the secret that signs the Message-IDs of our mail

LOOKED_UP = 100  # of the mails that a mail answers, the nearest; thousands would keep everybody waiting for seconds


@dataclass(frozen=True, slots=True)
class Found:
    """The case that a message belongs to by its conversation; else one that it names, and whose part it has not."""

    case: Case | None = None
    named: Case | None = None


def by_conversation(incoming: Incoming) -> Case | None:
    """The case of the thread or mail that this one answers, the nearest first, whoever wrote it."""
    return next(_named(incoming), (None, False))[0]


def joined_by(incoming: Incoming) -> Found:
    """The case that the writer may join by what the message answers, the nearest first.

    A Message-ID of ours carries our signature. One of somebody else's is no key, since anybody may know it or have
    chosen it: its case is open to those who take part there, or whom somebody addressed who does.
    """
    refused: Case | None = None
    asked: dict[str, bool] = {}
    for case, is_ours in _named(incoming):
        if not is_ours and case.case_id not in asked:
            asked[case.case_id] = _may_join(case, incoming.sender)
        if is_ours or asked[case.case_id]:
            return Found(case=case)
        refused = refused or case
    return Found(named=refused)


def _named(incoming: Incoming) -> Iterator[tuple[Case, bool]]:
    """The cases of what a message answers, the nearest first; and whether nobody can have made that name but us."""
    if incoming.thread and incoming.source is Source.SLACK:
        post = Post.get_or_none((Post.channel == incoming.place) & (Post.ts == incoming.thread))
        if post is not None and post.key.startswith(("card:", "claim:")):
            if (case := _case(post.case_id)) is not None:
                yield case, True
            return
    for external_id in incoming.conversation[:LOOKED_UP]:
        if (case := _of_their_message(incoming.source, external_id)) is not None:
            yield case, incoming.source is Source.SLACK  # a thread is where it is; nobody writes that into a message
        elif incoming.source is Source.EMAIL and (case := _of_our_mail(external_id)) is not None:
            yield case, True


def _may_join(case: Case, person: str) -> bool:
    if takes_part(case, person):
        return True
    counted = Message.standing.in_((Standing.CUSTOMER, Standing.ADMIN)) & Message.addressed.is_null(False)
    rows = Message.select(Message.addressed).where((Message.case == case) & counted)
    return any(person in row.addressed.split() for row in rows)


def case_of_message(source: Source, external_id: str) -> Case | None:
    """The case of the message of this name, of the thread that it began, or of the mail of ours that it is."""
    found = _of_their_message(source, external_id)
    return _of_our_mail(external_id) if found is None and source is Source.EMAIL else found


def _of_their_message(source: Source, external_id: str) -> Case | None:
    known = (
        Message.select(Message.case).where((Message.source == source) & (Message.external_id == external_id)).first()
    )
    known = known or Thread.get_or_none(Thread.external_id == external_id)
    return None if known is None else _case(known.case_id)


def _of_our_mail(external_id: str) -> Case | None:
    """The case of a mail of ours, by its row, else by the tag in the Message-ID that this book made."""
    known = Letter.get_or_none(Letter.external_id == external_id)
    if known is not None:
        return _case(known.case_id)
    case = _case(message_ids.case_named(external_id))
    key = Secret.get_or_none(Secret.name == SECRET)
    if case is None or key is None:
        return None
    return case if message_ids.is_signed(external_id, case.customer_identifier, key=key.value) else None


def is_ours(incoming: Incoming) -> bool:
    """Whether a mail that came in is one that we sent."""
    return incoming.source is Source.EMAIL and (
        Letter.select().where(Letter.external_id == incoming.external_id).exists()
    )


def _case(case_id: str | None) -> Case | None:
    found: Case | None = Case.get_or_none(Case.case_id == case_id)
    return found


def takes_part(case: Case, person: str) -> bool:
    """Whether somebody takes part in a case already."""
    return person == case.customer_identifier or (
        Participant.select().where((Participant.case == case) & (Participant.person == person)).exists()
    )
