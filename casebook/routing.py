"""Which case a message belongs to: by its conversation, by its customer, or by what an admin names (design 3.3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from peewee import SQL

from casebook.conversation.threads import Found, by_conversation, joined_by, takes_part
from casebook.incoming import Incoming, Source, Standing
from casebook.models import Case, LedgerRow, Message, Post
from casebook.rules import detect_closure_phrase

ROOT_MAY_BE_LATE = timedelta(days=1)  # how much later than its replies a thread's first message may arrive
OPEN = SQL("status = 'open'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a message goes: to `case`, to a new case of `customer`, to one of `candidates`, or nowhere."""

    case: Case | None = None
    customer: str = ""  # the customer of the case, also when `case` is None and a new one is to be opened
    follows: str | None = None  # the closed case in whose conversation it was written
    may_belong_to: str | None = None  # the open case whose email it answers, although its writer takes no part there
    candidates: tuple[str, ...] = ()
    reason: str = ""  # why it belongs to no case
    early: bool = False  # the first message of its thread has not arrived yet and may decide
    unplaced: bool = False  # an admin asked for something, and no case matches: they must be told


def place(incoming: Incoming, *, wait_for_root: bool = True) -> Placement:
    """Find the case of a message; reads only.

    With `wait_for_root`, a reply whose thread has not begun yet is marked `early` instead of being placed.
    """
    match incoming.standing:
        case Standing.CUSTOMER:
            return _place_customer(incoming)
        case Standing.CLAIM:
            return _place_claim(incoming)
        case Standing.AUTOMATIC:
            return _place_automatic(incoming)
        case Standing.REMARK:
            found, early = _by_thread(incoming, wait_for_root=wait_for_root)
            return Placement(case=found, early=early, reason="a colleague without a part in support wrote it")
        case _:
            return _place_admin(incoming, wait_for_root=wait_for_root)


def open_case(customer: str) -> Case | None:
    """The customer's open case, if there is one."""
    case: Case | None = Case.select().where((Case.customer_identifier == customer) & OPEN).first()
    return case


def _place_automatic(incoming: Incoming) -> Placement:
    """The case in which automatic mail is kept; for a bounce, the case of the email that was not delivered."""
    if incoming.undelivered and _names_customer_message(incoming):
        return Placement(reason="automatic mail")
    named = by_conversation(incoming) if incoming.undelivered else joined_by(incoming).case
    return Placement(case=named or open_case(incoming.sender), reason="automatic mail")


def _place_customer(incoming: Incoming) -> Placement:
    joined = joined_by(incoming)
    found = joined.case or _by_subject_tag(incoming)
    if found is not None and found.status == "open":
        return Placement(case=found, customer=found.customer_identifier)
    return Placement(
        case=open_case(incoming.sender),
        customer=incoming.sender,
        follows=None if found is None else str(found.case_id),
        may_belong_to=None if found is not None else _open_named_case(joined),
    )


def _open_named_case(joined: Found) -> str | None:
    named = joined.named
    return None if named is None or named.status != "open" else str(named.case_id)


def _by_subject_tag(incoming: Incoming) -> Case | None:
    """The case whose number is in the subject of an email, an open one before a closed one.

    A number is easy to guess, so it counts only for those who already take part in that case.
    """
    if incoming.source is not Source.EMAIL:
        return None
    cases = [case for case in cases_by_number(incoming.cases_named) if takes_part(case, incoming.sender)]
    return next((case for case in cases if case.status == "open"), cases[-1] if cases else None)


def _place_claim(incoming: Incoming) -> Placement:
    """Where an email would go if its sender were proven to be an admin, so that confirming it does not move it.

    If there is no such case, it goes to its sender's case.
    """
    found = (
        by_conversation(incoming) or _only(cases_by_number(incoming.cases_named)) or _only(_open_cases(incoming.about))
    )
    if found is not None:
        return Placement(case=found, customer=found.customer_identifier)
    if len(incoming.about) == 1:
        return Placement(customer=incoming.about[0])
    return _place_customer(incoming)


def _place_admin(incoming: Incoming, *, wait_for_root: bool) -> Placement:
    found, early = _by_thread(incoming, wait_for_root=wait_for_root)
    if found is not None:
        return Placement(case=found, customer=found.customer_identifier)
    if early:
        return Placement(early=True)
    for cases in (_open_cases(incoming.about), cases_by_number(incoming.cases_named), _in_place(incoming)):
        if len(cases) == 1:
            return Placement(case=cases[0], customer=cases[0].customer_identifier)
        if cases:
            return Placement(candidates=tuple(str(case.case_id) for case in cases), reason="several cases fit")
    if incoming.source is Source.EMAIL and len(incoming.about) == 1:
        return Placement(customer=incoming.about[0])  # the support team may write first
    wanted = bool(incoming.cases_named) or detect_closure_phrase(incoming.rules_text)
    return Placement(reason="an admin's message that belongs to no case", unplaced=wanted)


def _by_thread(incoming: Incoming, *, wait_for_root: bool) -> tuple[Case | None, bool]:
    """The case of the conversation, and whether the thread's first message must be waited for."""
    found = by_conversation(incoming)
    if found is not None or not wait_for_root or incoming.source is not Source.SLACK or not incoming.conversation:
        return found, False
    if is_early(incoming):
        return None, True
    return by_conversation(incoming), False  # another process may have stored the first message between the two queries


def is_early(incoming: Incoming) -> bool:
    """Whether it is a reply in a Slack thread whose first message is unknown but may still arrive.

    A thread that began more than a day earlier is taken to be older than this installation.
    """
    if incoming.timestamp.timestamp() - float(incoming.thread) > ROOT_MAY_BE_LATE.total_seconds():
        return False
    root = (LedgerRow.source == incoming.source) & (LedgerRow.external_id == incoming.conversation[0])
    ours = (Post.channel == incoming.place) & (Post.ts == incoming.thread)
    return not (LedgerRow.select().where(root).exists() or Post.select().where(ours).exists())


def _names_customer_message(incoming: Incoming) -> bool:
    """Whether a bounce says that a customer's message came back: we did not send that one, so the bounce is made up."""
    named = (Message.source == incoming.source) & Message.external_id.in_(incoming.conversation)
    return Message.select().where(named & (Message.standing == Standing.CUSTOMER)).exists()


def cases_by_number(numbers: Iterable[int]) -> list[Case]:
    """The existing cases with these numbers, in order."""
    wanted = list(numbers)
    return list(Case.select().where(Case.number.in_(wanted)).order_by(Case.number)) if wanted else []


def _open_cases(customers: Iterable[str]) -> list[Case]:
    wanted = list(customers)
    if not wanted:
        return []
    return list(Case.select().where(Case.customer_identifier.in_(wanted) & OPEN).order_by(Case.number))


def _in_place(incoming: Incoming) -> list[Case]:
    """The open cases with messages in the customer channel in which an admin writes."""
    if incoming.source is not Source.SLACK or incoming.standing is not Standing.ADMIN:
        return []
    here = Message.select(Message.case).where((Message.place == incoming.place) & (Message.kind == "message"))
    return list(Case.select().where(Case.case_id.in_(here) & OPEN).order_by(Case.number))


def _only(cases: list[Case]) -> Case | None:
    return cases[0] if len(cases) == 1 else None


def last_of_customer(case: Case) -> Message | None:
    """The customer's latest message, which an answer goes to."""
    last: Message | None = (
        Message.select()
        .where((Message.case == case) & (Message.standing == Standing.CUSTOMER))
        .order_by(Message.timestamp.desc(), Message.id.desc())
        .first()
    )
    return last
