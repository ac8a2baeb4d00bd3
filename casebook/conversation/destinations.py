"""Where what we say to a customer goes: to the place where they wrote last (design 3.7)."""

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
    """A lane of the outbox, and what a notice there must hold so that it arrives."""

    lane: str
    payload: dict[str, Any]


def of_answer(case: Case, limits: Limits, *, to: str = "") -> Destination:
    """Where an answer goes; `to` is the address that its author chose where there are several.

    Raises CaseClosedError, and where nothing can be sent NoWayToAnswerError or one of its kinds, which say why.
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


def of_word(case: Case, limits: Limits) -> Destination | None:
    """Where a word to the customer goes; None when they cannot be reached."""
    last = routing.last_of_customer(case)
    return None if last is None else _reached(last, address_of(case, last), limits)


def of_receipt(message: Message, limits: Limits) -> Destination | None:
    """Where the receipt for one message of a customer goes: to its sender alone; None when they cannot be reached."""
    return _reached(message, message.sender, limits)


def _reached(message: Message, address: str, limits: Limits) -> Destination | None:
    if message.source == Source.SLACK:
        return _in_slack(message)
    return _by_mail(message) if limits.can_mail and not is_unattended(address) else None


def address_of(case: Case, answered: Message | None) -> str:
    """The address to which an answer to a mail goes: where its writer wants it, as far as that is safe (design 3.7).

    Reply-To is followed where it is as good as the sender's address. Where nobody was asked to vouch for senders, it
    is followed as well while nobody else has written in the case: there is nothing in it yet that is somebody else's.
    """
    if answered is None:
        return str(case.customer_identifier)
    if not answered.reply_to:
        return str(answered.sender)
    is_followed = answered.is_reply_to_safe or (answered.vouched is None and _is_alone(case, answered))
    return str(answered.reply_to if is_followed else answered.sender)


def choices(case: Case, answered: Message | None) -> tuple[str, ...]:
    """The addresses between which somebody who answers may choose, the usual one first; empty where there is one."""
    if answered is None or answered.source == Source.SLACK or not answered.reply_to or answered.is_reply_to_safe:
        return ()
    usual = address_of(case, answered)
    return (usual, answered.sender if usual == answered.reply_to else answered.reply_to)


def copies(case: Case, answered: Message | None, to: str) -> tuple[str, ...]:
    """Who gets a copy of an answer: those who take part and whom the mail that is answered addressed itself."""
    if answered is None or not answered.addressed:
        return ()
    addressed = [each for each in answered.addressed.split() if each not in (to, answered.sender)]
    return tuple(each for each in addressed if takes_part(case, each) and not is_unattended(each))


def _is_alone(case: Case, message: Message) -> bool:
    """Whether everything that customers wrote in the case came from the sender of this mail, with its Reply-To."""
    others = (Message.sender != message.sender) | Message.reply_to.is_null() | (Message.reply_to != message.reply_to)
    theirs = (Message.case == case) & (Message.standing == Standing.CUSTOMER)
    return not Message.select().where(theirs & others).exists()


def _in_slack(message: Message) -> Destination:
    return Destination(message.place, {"thread": message.thread})


def _by_mail(message: Message | None, to: str = "") -> Destination:
    payload = {"answers": None if message is None else message.id}
    return Destination(notices.MAIL, payload | ({"to": to} if to else {}))
