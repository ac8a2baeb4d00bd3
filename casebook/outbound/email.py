"""One mail of ours, and who reads an answer: frozen values."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail of ours, before it is put into the form of a mail."""

    case_id: str
    message_id: str  # without angle brackets, as all of `conversation`
    answer: int | None  # the message that it carries, when it is an answer
    to: str
    to_name: str
    copies: tuple[str, ...]
    author_name: str  # empty when nobody wrote it by hand
    text: str
    subject: str  # of the mail that is answered
    is_receipt: bool = False  # says that a message has arrived, under a subject of our own
    conversation: tuple[str, ...]  # the mails that it answers, the nearest first
    automatic: str  # the word of RFC 3834 for Auto-Submitted; empty for what a person wrote
    quoted: tuple[str, str, datetime] | None  # whose words are quoted below it, the words, and when they came


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """Who will read an answer to a case, as things are now."""

    named: str  # as the team calls them
    last: int | None  # the customer's message that it answers
    choices: tuple[str, ...]  # the addresses between which its author may choose, the usual one first; mostly none
