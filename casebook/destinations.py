"""Where what we say to a customer goes: to the place where they wrote last (design 3.7)."""

import re
from dataclasses import dataclass
from typing import Any

from casebook import notices, routing
from casebook.errors import CaseClosedError, NoMailWrittenError, NoWayToAnswerError, UnattendedAddressError
from casebook.incoming import Source
from casebook.models import Case, Message
from casebook.rules import Limits

# Behind these addresses nobody reads, and what answers there would answer for ever.
_UNATTENDED = re.compile(
    r"(?:no[._-]?reply|do[._-]?not[._-]?reply|nao[._-]?responda|noresponder|mailer[._-]?daemon|mail[._-]?daemon|"
    r"mdaemon|bounces?|bounced|prvs|srs0|srs1|listserv|majordomo|auto[._-]?reply|automailer)(?:[+=._-].*)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Destination:
    """A lane of the outbox, and what a notice there must hold so that it arrives."""

    lane: str
    payload: dict[str, Any]


def is_unattended(address: str) -> bool:
    """Whether an address belongs to a machine, as its local part says."""
    return _UNATTENDED.fullmatch(address.rpartition("@")[0]) is not None


def of_answer(case: Case, limits: Limits) -> Destination:
    """Where an answer goes.

    Raises CaseClosedError, and where nothing can be sent NoWayToAnswerError or one of its kinds, which say why.
    """
    if case.status != "open":
        raise CaseClosedError(f"{case.case_id} is closed; reopen it to answer.")
    last = routing.last_of_customer(case)
    if last is not None and last.source == Source.SLACK:
        return _in_slack(last)
    to = case.customer_identifier if last is None else last.sender
    if "@" not in to:
        raise NoWayToAnswerError
    if not limits.can_mail:
        raise NoMailWrittenError
    if is_unattended(to):
        raise UnattendedAddressError
    return _by_mail(last)


def of_word(case: Case, limits: Limits) -> Destination | None:
    """Where a word to the customer goes; None when they cannot be reached."""
    last = routing.last_of_customer(case)
    return None if last is None else of_reply(last, limits)


def of_reply(message: Message, limits: Limits) -> Destination | None:
    """Where a reply to one message of a customer goes; None when its author cannot be reached."""
    if message.source == Source.SLACK:
        return _in_slack(message)
    return _by_mail(message) if limits.can_mail and not is_unattended(message.sender) else None


def _in_slack(message: Message) -> Destination:
    return Destination(message.place, {"thread": message.thread})


def _by_mail(message: Message | None) -> Destination:
    return Destination(notices.MAIL, {"answers": None if message is None else message.id})
