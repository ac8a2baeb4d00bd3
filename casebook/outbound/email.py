"""An email to send, and the recipients of an answer: frozen values."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """The content of one email, before it is encoded as MIME."""

    case_id: str
    message_id: str  # without angle brackets, like those in `conversation`
    answer: int | None  # the ID of the message that it contains, if it is an answer
    to: str
    to_name: str
    copies: tuple[str, ...]
    author_name: str  # empty if no person wrote it
    text: str
    subject: str  # of the email that is answered
    is_receipt: bool = False  # an acknowledgement, with a subject of its own
    conversation: tuple[str, ...]  # the emails it answers, the nearest first
    automatic: str  # the value of Auto-Submitted (RFC 3834); empty if a person wrote it
    quoted: tuple[str, str, datetime] | None  # the quoted message below it: author, text, time


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """The recipients of an answer to a case, as of now."""

    named: str  # a description for the team
    last: int | None  # the ID of the customer's message that it answers
    choices: tuple[str, ...]  # the addresses among which the author may choose, the usual one first; usually empty
