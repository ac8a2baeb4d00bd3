"""The inputs of a run: messages, edits, deletions and mails, each with a unique token in its text."""

import re
from dataclasses import dataclass
from enum import StrEnum

TOKEN = re.compile(r"\bt[0-9]{6}z\b")


class Kind(StrEnum):
    """The purpose of an input."""

    QUESTION = "question"
    ANSWER = "answer"  # an admin's message in a customer's thread
    NOTE = "note"  # an admin's message under a card
    REPLY = "reply"  # an admin's `reply:` under a card
    CLOSING = "closing"
    MAIL = "mail"


@dataclass(slots=True, kw_only=True)
class Input:
    """One message or mail, in its current state."""

    token: str
    kind: Kind
    writer: str  # a user ID or an address
    source: str  # as in the ledger
    external_id: str
    channel: str = ""
    ts: str = ""
    thread: str = ""
    uid: int = 0  # of a mail
    text: str = ""
    urgent: bool = False
    edits: int = 0
    deleted: bool = False
    replied: bool = False  # whether its thread has replies


class Written:
    """All inputs, by token."""

    def __init__(self) -> None:
        self.by_token: dict[str, Input] = {}

    def new_token(self) -> str:
        """A token that no text has."""
        return f"t{len(self.by_token):06d}z"

    def add(self, given: Input) -> Input:
        """Record an input."""
        self.by_token[given.token] = given
        return given

    def __len__(self) -> int:
        return len(self.by_token)
