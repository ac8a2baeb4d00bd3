"""A message as it arrived, from whichever door, with everything that casebook needs to know about it."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Source(StrEnum):
    """The door through which a message came; the value is stored in the column `source`."""

    SLACK = "slack"
    EMAIL = "email"


class Standing(StrEnum):
    """What a message counts as, decided at the door by its author and place (design 3.2)."""

    CUSTOMER = "customer"  # the rules look at it
    ADMIN = "admin"  # answers, and may close
    NOTE = "note"  # written by an admin where the customer cannot read it; may close
    REMARK = "remark"  # written there by a colleague who is no admin: kept as a note, has no effect
    AUTOMATIC = "automatic"  # out-of-office, bounces, lists: kept as a note if it belongs to a case, else ignored
    DOUBTFUL = "doubtful"  # a single sign suggests that a program sent it: the team decides
    DRAFT = "draft"  # an answer that can still be taken back: a note until it is sent
    TAKEN_BACK = "taken back"  # an answer that was not sent: remains a note
    CLAIM = "claim"  # from an admin's address without proof: kept, the rules ignore it
    SET_ASIDE = "claim set aside"  # an admin decided that such a message remains without effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """The email of another person that an admin forwards, as far as it could be separated from the admin's own text."""

    author: str  # the address in lower case; empty: unknown
    author_name: str = ""
    subject: str = ""
    body: str = ""
    new_text: str = ""
    before: str = ""  # the text that the admin wrote above it
    certain: bool = False  # whether nothing about it had to be guessed
    tagged: tuple[int, ...] = ()  # the case numbers in its subject
    named: tuple[int, ...] = ()  # the case numbers that the admin wrote above it
    by: str = ""  # who forwarded it, once it is stored as its author's own message
    by_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingFile:
    """A file that came with a message.

    When `kept`, its bytes are already on disk under `sha256`. With a `remote_id` and no `why_not`, it is still to be
    downloaded from Slack.
    """

    name: str  # as its sender named it
    content_type: str
    size: int  # in bytes
    sha256: str = ""
    kept: bool = False
    digest: str = ""  # SHA-256 of its bytes in hex, whether it is kept or not; empty: unknown
    why_not: str = ""  # why it is not kept, as text for people
    embedded: bool = False  # part of the email's layout: a small image shown in its text, or its signature
    remote_id: str = ""  # its ID in Slack
    transcript: str | None = None  # what its sender says in a clip; None: unknown; empty: there will be none


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One message as a door hands it over.

    `external_id` is unique per source: `team:channel:ts` for Slack, the Message-ID (without angle brackets) for
    email, or `sha256:` and the hex digest of the raw bytes if an email has none (design 3.1).
    """

    source: Source
    external_id: str
    sender: str  # Slack user ID, or the address in lower case
    standing: Standing
    timestamp: datetime  # when it arrived at the door, timezone-aware UTC: Slack's ts, the mail server's INTERNALDATE
    body: str  # the full text, as people read it
    new_text: str = ""  # the text the sender newly wrote, without quotes and signature: for rules and previews
    own_text: str | None = None  # the text for the rules if it is shorter than `new_text`: without forwarded text
    sender_name: str = ""  # display name; empty: unknown
    subject: str = ""
    place: str = ""  # the Slack channel, or the mail folder
    thread: str = ""  # Slack: the ts of the thread's first message, where an answer would go
    conversation: tuple[str, ...] = ()  # external IDs of the messages it answers, the nearest first
    about: tuple[str, ...] = ()  # customers it is addressed to or mentions
    cases_named: tuple[int, ...] = ()  # the numbers of cases it names
    edited_at: datetime | None = None  # for an edit: when the writer made it, by the door's clock
    cut: bool = False  # a limit was exceeded: `body` is truncated
    attachments: tuple[IncomingFile, ...] = ()
    forward: Forward | None = None  # the email that this one forwards
    undelivered: str = ""  # a bounce: which email of ours was not delivered to whom and why, in one line
    doubt: str = ""  # why an email may be automatic, in a few words
    addressed: tuple[str, ...] = ()  # email: To and Cc, in lower case
    reply_to: str = ""  # email: the Reply-To address, in lower case
    is_reply_to_safe: bool = False  # whether it is as trustworthy as the sender's address (design 3.7)
    client_message_id: str = ""  # Slack: the ID that the sender's client gave it (`client_msg_id`)
    vouched: bool | None = (
        None  # email: whether our server authenticated the sender; None: no server is configured for it
    )

    @property
    def rules_text(self) -> str:
        """The text that the rules look at."""
        return self.new_text if self.own_text is None else self.own_text

    @property
    def digest(self) -> str:
        """The SHA-256 in hex of sender, subject, text and files: distinguishes emails with the same Message-ID."""
        parts = (self.sender, self.subject, self.body, *(file.digest or file.name for file in self.attachments))
        return _sha256(json.dumps(parts))

    @property
    def digests(self) -> tuple[str, str]:
        """The digest, and the digest of the text alone that ledger rows from before version 0.2 have."""
        return self.digest, _sha256(self.body)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
