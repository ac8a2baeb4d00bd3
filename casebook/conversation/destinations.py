"""Where our messages to a customer go: to the place where they wrote last (design 3.7)."""

from dataclasses import dataclass
from typing import Any

from casebook import notices, routing
from casebook.conversation.threads import takes_part
from casebook.errors import CaseClosedError, NoMailWrittenError, NoWayToAnswerError, UnattendedAddressError
from casebook.incoming import Source, Standing
from casebook.models import Case, Message
from casebook.records.addresses import is_unattended
from casebook.rules import Limits


@dataclass(frozen=True, slots=True)
class Destination:
    """A lane of the outbox, and the part of a notice's payload that addresses it."""

    lane: str
    payload: dict[str, Any]


def for_answer(case: Case, limits: Limits, *, to: str = "") -> Destination:
    """The destination of an answer; `to` is the address that its author chose, if there were several.

    Raises CaseClosedError, and if nothing can be sent, NoWayToAnswerError or a subclass that says why.
    """
    if case.status != "open":
        raise CaseClosedError(f"{case.case_id} is closed; reopen it to answer.")
    last = routing.last_of_customer(case)
    if last is not None and last.source == Source.SLACK:
        return _in_slack(last)
    address = to or address_of(case, last)
    if "@" not in address:
        raise NoWayToAnswerError
    if not limits.can_mail:
        raise NoMailWrittenError
    if is_unattended(address):
        raise UnattendedAddressError
    if to and (last is None or to not in (last.sender, last.reply_to)):
        raise NoWayToAnswerError(f"Nobody in {case.case_id} asked for an answer to {to}.")
    return _by_mail(last, to)


def for_notification(case: Case, limits: Limits) -> Destination | None:
    """The destination of a message from us to the customer; None when they cannot be reached."""
    last = routing.last_of_customer(case)
    return None if last is None else _where_written(last, address_of(case, last), limits)


def for_acknowledgement(message: Message, limits: Limits) -> Destination | None:
    """The destination of an acknowledgement: the sender of the message alone; None when they cannot be reached."""
    return _where_written(message, message.sender, limits)


def _where_written(message: Message, address: str, limits: Limits) -> Destination | None:
    if message.source == Source.SLACK:
        return _in_slack(message)
    return _by_mail(message) if limits.can_mail and not is_unattended(address) else None


def address_of(case: Case, answered: Message | None) -> str:
    """The address to which an answer by email goes: Reply-To if that is safe, else the sender (design 3.7).

    Reply-To is used if it is as trustworthy as the sender's address. If senders are not authenticated at all, it is
    also used as long as nobody else has written in the case: then the case contains nothing of other people.
    """
    if answered is None:
        return str(case.customer_identifier)
    if not answered.reply_to:
        return str(answered.sender)
    use_reply_to = answered.is_reply_to_safe or (answered.vouched is None and _is_only_writer(case, answered))
    return str(answered.reply_to if use_reply_to else answered.sender)


def address_choices(case: Case, answered: Message | None) -> tuple[str, ...]:
    """The addresses among which the author of an answer may choose, the usual one first; empty without a choice."""
    if answered is None or answered.source == Source.SLACK or not answered.reply_to or answered.is_reply_to_safe:
        return ()
    usual = address_of(case, answered)
    return (usual, answered.sender if usual == answered.reply_to else answered.reply_to)


def copies(case: Case, answered: Message | None, to: str) -> tuple[str, ...]:
    """Who gets a copy of an answer: those who take part and were addressed in the email that is answered."""
    if answered is None or not answered.addressed:
        return ()
    addressed = [each for each in answered.addressed.split() if each not in (to, answered.sender)]
    return tuple(each for each in addressed if takes_part(case, each) and not is_unattended(each))


def _is_only_writer(case: Case, message: Message) -> bool:
    """Whether all customer messages in the case came from the sender of this email, with the same Reply-To."""
    others = (Message.sender != message.sender) | Message.reply_to.is_null() | (Message.reply_to != message.reply_to)
    theirs = (Message.case == case) & (Message.standing == Standing.CUSTOMER)
    return not Message.select().where(theirs & others).exists()


def _in_slack(message: Message) -> Destination:
    return Destination(message.place, {"thread": message.thread})


def _by_mail(message: Message | None, to: str = "") -> Destination:
    payload = {"answers": None if message is None else message.id}
    return Destination(notices.MAIL, payload | ({"to": to} if to else {}))
