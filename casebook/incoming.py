"""One message as it reached us, whatever the door: all that the book needs to know of it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Source(StrEnum):
    """The door a message came through; the value stands in the column `source`."""

    SLACK = "slack"
    EMAIL = "email"


class Standing(StrEnum):
    """What a message counts as, decided at its door from who wrote it and where (design 3.2)."""

    CUSTOMER = "customer"  # drives the rules
    ADMIN = "admin"  # answers, and may close
    NOTE = "note"  # an admin writes about a case where the customer cannot read it; may close
    REMARK = "remark"  # a colleague without power writes there: kept as a note, has no effect
    AUTOMATIC = "automatic"  # out-of-office, bounces, lists: a note where it belongs to a case, else ignored
    DOUBTFUL = "doubtful"  # one mark says that a program sent it and nothing else does: the team decides
    DRAFT = "draft"  # an answer that can still be taken back: a note until it is sent
    TAKEN_BACK = "taken back"  # an answer that was not sent: stays a note
    CLAIM = "claim"  # says it is an admin's and could not show it: kept, counts for no rule
    SET_ASIDE = "claim set aside"  # an admin said that such a message stays without effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """The mail of somebody else that an admin passes on, as far as it could be told apart from theirs."""

    author: str  # the address in lower case; empty: it cannot be told
    author_name: str = ""
    subject: str = ""
    body: str = ""
    new_text: str = ""
    before: str = ""  # what the admin wrote above it
    certain: bool = False  # whether nothing about it had to be guessed
    tagged: tuple[int, ...] = ()  # the cases whose tags stand in its subject
    named: tuple[int, ...] = ()  # the cases that the admin names above it
    by: str = ""  # whose mail passes it on, once it has become its author's own message
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingFile:
    """A file that came with a message.

    Its bytes are on disk already under `sha256` when `kept`; one with a `remote_id` and no `why_not` is still to be
    fetched from there.
    """

    name: str  # as its sender called it
    content_type: str
    size: int  # in bytes
    sha256: str = ""
    kept: bool = False
    digest: str = ""  # SHA-256 of its bytes in hex, whether it is kept or not; empty: not known
    why_not: str = ""  # why it is not kept, in words for a person
    embedded: bool = False  # part of the mail itself: a small image that its text shows, or what signs it
    remote_id: str = ""  # Slack's ID of it
    transcript: str | None = None  # what its sender says in a clip; None: not known; empty: none of theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One message at its door.

    `external_id` is unique per source: `team:channel:ts` for Slack, the Message-ID (without angle brackets) for
    mail, or `sha256:` and the hex digest of the raw bytes where a mail has none (design 3.1).
    """

    source: Source
    external_id: str
    sender: str  # Slack user ID, or the address in lower case
    standing: Standing
    timestamp: datetime  # when it reached its door, timezone-aware UTC: Slack's ts, the mail server's INTERNALDATE
    body: str  # the whole text, as people read it
    new_text: str = ""  # what the sender newly wrote, without quotes and signature: drives rules and previews
    own_text: str | None = None  # what counts for the rules, where that is less: without what they forward
    sender_name: str = ""  # as a person would be shown; empty: not known
    subject: str = ""
    place: str = ""  # the Slack channel, or the mail folder
    thread: str = ""  # Slack: the ts of the thread's first message, where an answer would be written
    conversation: tuple[str, ...] = ()  # external IDs that it answers, the nearest first
    about: tuple[str, ...] = ()  # customers it is addressed to or mentions
    cases_named: tuple[int, ...] = ()  # the numbers of cases it names
    edited_at: datetime | None = None  # an edit: when its writer gave it these words, by the clock of its door
    cut: bool = False  # a limit was exceeded: `body` is not the whole
    attachments: tuple[IncomingFile, ...] = ()
    forward: Forward | None = None  # the mail that this one passes on
    undelivered: str = ""  # automatic mail: which of our own could not be delivered to whom and why, in a line
    doubt: str = ""  # why a mail may be a program's, in a few words
    addressed: tuple[str, ...] = ()  # mail: To and Cc, in lower case
    reply_to: str = ""  # mail: where its writer wants the answer instead, in lower case
    is_reply_to_safe: bool = False  # whether that is as good as the sender's own address (design 3.7)
    client_message_id: str = ""  # Slack: the name under which its writer's own client sent it
    vouched: bool | None = None  # mail: whether our server vouches for the sender; None: no server was named for it

    @property
    def counted(self) -> str:
        """The words that the rules look at."""
        return self.new_text if self.own_text is None else self.own_text

    @property
    def digest(self) -> str:
        """The SHA-256, in hex, of sender, subject, text and files: tells another mail under one Message-ID apart."""
        parts = (self.sender, self.subject, self.body, *(file.digest or file.name for file in self.attachments))
        return _sha256(json.dumps(parts))

    @property
    def digests(self) -> tuple[str, str]:
        """The digest, and the one that rows of the ledger from before version 0.2 have: of the text alone."""
        return self.digest, _sha256(self.body)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
