"""What was put in: every message, edit, deletion and mail, each with a token of its own in its text."""

import re
from dataclasses import dataclass
from enum import StrEnum

TOKEN = re.compile(r"\bt[0-9]{6}z\b")


class Kind(StrEnum):
    """What an input is meant to do."""

    QUESTION = "question"
    ANSWER = "answer"  # an admin's message in a customer's thread
    NOTE = "note"  # an admin's message under a card
    REPLY = "reply"  # an admin's `reply:` under a card
    CLOSING = "closing"
    MAIL = "mail"


@dataclass(slots=True, kw_only=True)
class Input:
    """One thing that somebody wrote, as it stands now."""

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
    replied: bool = False  # others stand in its thread


class Written:
    """Everything that was put in, by token."""

    def __init__(self) -> None:
        self.by_token: dict[str, Input] = {}

    def new_token(self) -> str:
        """A token that no text has yet."""
        return f"t{len(self.by_token):06d}z"

    def add(self, given: Input) -> Input:
        """Keep it."""
        self.by_token[given.token] = given
        return given

    def __len__(self) -> int:
        return len(self.by_token)
