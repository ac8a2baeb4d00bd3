"""Which case a message belongs to: by its conversation, by its customer, or by what an admin names (design 3.3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from peewee import SQL

from casebook.conversation.threads import Found, by_conversation, joined_by, takes_part
from casebook.incoming import Incoming, Source, Standing
from casebook.models import Case, LedgerRow, Message, Post
from casebook.rules import detect_closure_phrase

MAY_STILL_BEGIN = timedelta(days=1)
OPEN = SQL("status = 'open'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a message goes: to `case`, or to a new case of `customer`, or to one of `candidates`, or nowhere."""

    case: Case | None = None
    customer: str = ""  # whose case it is, or will be when `case` is None
    follows: str | None = None  # the closed case in whose conversation it was written
    may_belong_to: str | None = None  # the open case that it names, though its writer has no part there
    candidates: tuple[str, ...] = ()
    reason: str = ""  # why it goes nowhere
    early: bool = False  # its thread's first message has not arrived: that will tell
    unplaced: bool = False  # the admin wanted something of a case, and must be told


def place(incoming: Incoming, *, patient: bool = True) -> Placement:
    """Find the case of a message; reads only. Unless `patient`, what comes before its thread is placed all the same."""
    match incoming.standing:
        case Standing.CUSTOMER:
            return _place_customer(incoming)
        case Standing.CLAIM:
            return _place_claim(incoming)
        case Standing.AUTOMATIC:
            return _place_automatic(incoming)
        case Standing.REMARK:
            found, early = _by_thread(incoming, patient=patient)
            return Placement(case=found, early=early, reason="a colleague without a part in support wrote it")
        case _:
            return _place_admin(incoming, patient=patient)


def open_case(customer: str) -> Case | None:
    """The customer's open case, if there is one."""
    case: Case | None = Case.select().where((Case.customer_identifier == customer) & OPEN).first()
    return case


def _place_automatic(incoming: Incoming) -> Placement:
    """The case that automatic mail is kept with; a bounce only with the mail that it says came back."""
    if incoming.undelivered and _is_customers(incoming):
        return Placement(reason="automatic mail")
    named = by_conversation(incoming) if incoming.undelivered else joined_by(incoming).case
    return Placement(case=named or open_case(incoming.sender), reason="automatic mail")


def _place_customer(incoming: Incoming) -> Placement:
    joined = joined_by(incoming)
    found = joined.case or _tagged(incoming)
    if found is not None and found.status == "open":
        return Placement(case=found, customer=found.customer_identifier)
    return Placement(
        case=open_case(incoming.sender),
        customer=incoming.sender,
        follows=None if found is None else str(found.case_id),
        may_belong_to=None if found is not None else _open_one(joined),
    )


def _open_one(joined: Found) -> str | None:
    named = joined.named
    return None if named is None or named.status != "open" else str(named.case_id)


def _tagged(incoming: Incoming) -> Case | None:
    """The case whose tag stands in a mail's subject, an open one before a closed one.

    A number in a subject is easily guessed: it counts only for those who take part already.
    """
    if incoming.source is not Source.EMAIL:
        return None
    cases = [case for case in numbered(incoming.cases_named) if takes_part(case, incoming.sender)]
    return next((case for case in cases if case.status == "open"), cases[-1] if cases else None)


def _place_claim(incoming: Incoming) -> Placement:
    """Where a mail would go if it were an admin's, so that confirming it moves nothing; else to its sender's case."""
    found = (
        by_conversation(incoming) or _the_one(numbered(incoming.cases_named)) or _the_one(_open_cases(incoming.about))
    )
    if found is not None:
        return Placement(case=found, customer=found.customer_identifier)
    if len(incoming.about) == 1:
        return Placement(customer=incoming.about[0])
    return _place_customer(incoming)


def _place_admin(incoming: Incoming, *, patient: bool) -> Placement:
    found, early = _by_thread(incoming, patient=patient)
    if found is not None:
        return Placement(case=found, customer=found.customer_identifier)
    if early:
        return Placement(early=True)
    for cases in (_open_cases(incoming.about), numbered(incoming.cases_named), _in_place(incoming)):
        if len(cases) == 1:
            return Placement(case=cases[0], customer=cases[0].customer_identifier)
        if cases:
            return Placement(candidates=tuple(str(case.case_id) for case in cases), reason="several cases fit")
    if incoming.source is Source.EMAIL and len(incoming.about) == 1:
        return Placement(customer=incoming.about[0])  # the first word can be ours
    wanted = bool(incoming.cases_named) or detect_closure_phrase(incoming.counted)
    return Placement(reason="an admin's message that belongs to no case", unplaced=wanted)


def _by_thread(incoming: Incoming, *, patient: bool) -> tuple[Case | None, bool]:
    """The case of the conversation, and whether it is too early to say."""
    found = by_conversation(incoming)
    if found is not None or not patient or incoming.source is not Source.SLACK or not incoming.conversation:
        return found, False
    if is_early(incoming):
        return None, True
    return by_conversation(incoming), False  # another process may have taken the beginning in between the two looks


def is_early(incoming: Incoming) -> bool:
    """Whether it stands in a Slack thread whose first message may still arrive: nothing is known of that one.

    A thread that began more than a day before has begun before us.
    """
    if incoming.timestamp.timestamp() - float(incoming.thread) > MAY_STILL_BEGIN.total_seconds():
        return False
    root = (LedgerRow.source == incoming.source) & (LedgerRow.external_id == incoming.conversation[0])
    ours = (Post.channel == incoming.place) & (Post.ts == incoming.thread)
    return not (LedgerRow.select().where(root).exists() or Post.select().where(ours).exists())


def _is_customers(incoming: Incoming) -> bool:
    """Whether what is said to have come back is a customer's own mail: whoever says so to us makes it up."""
    named = (Message.source == incoming.source) & Message.external_id.in_(incoming.conversation)
    return Message.select().where(named & (Message.standing == Standing.CUSTOMER)).exists()


def numbered(numbers: Iterable[int]) -> list[Case]:
    """The cases of these numbers that there are."""
    wanted = list(numbers)
    return list(Case.select().where(Case.number.in_(wanted)).order_by(Case.number)) if wanted else []


def _open_cases(customers: Iterable[str]) -> list[Case]:
    wanted = list(customers)
    if not wanted:
        return []
    return list(Case.select().where(Case.customer_identifier.in_(wanted) & OPEN).order_by(Case.number))


def _in_place(incoming: Incoming) -> list[Case]:
    """The open cases with messages in the customer channel where an admin writes."""
    if incoming.source is not Source.SLACK or incoming.standing is not Standing.ADMIN:
        return []
    here = Message.select(Message.case).where((Message.place == incoming.place) & (Message.kind == "message"))
    return list(Case.select().where(Case.case_id.in_(here) & OPEN).order_by(Case.number))


def _the_one(cases: list[Case]) -> Case | None:
    return cases[0] if len(cases) == 1 else None


def last_of_customer(case: Case) -> Message | None:
    """What the customer wrote last: an answer goes there."""
    last: Message | None = (
        Message.select()
        .where((Message.case == case) & (Message.standing == Standing.CUSTOMER))
        .order_by(Message.timestamp.desc(), Message.id.desc())
        .first()
    )
    return last
