"""Reads a Slack message event: its kind, author, place and text; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bot.slack.payloads.app_posts import App, app_of
from bot.slack.payloads.files import incoming_files
from bot.slack.payloads.json_values import mapping
from bot.slack.payloads.shares import MessageText, message_text
from casebook.incoming import IncomingFile

# https://docs.slack.dev/reference/events/message#subtypes
_READ_SUBTYPES = {"", "file_share", "me_message", "thread_broadcast", "bot_message"}
_EDIT, _DELETE = "message_changed", "message_deleted"


class EventKind(StrEnum):
    """What happened to a message."""

    WRITTEN = "written"
    EDITED = "edited"
    DELETED = "deleted"
    IGNORED = "ignored"  # the event is ignored; MessageEvent.reason says why


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEvent:
    """One message event."""

    kind: EventKind
    channel: str
    ts: str
    user: str = ""
    text: str = ""  # the whole text with Slack's markup; a line for each file if there is no text
    own: str = ""  # the part of `text` that its author wrote: without forwarded messages
    files: tuple[IncomingFile, ...] = ()
    thread_ts: str = ""  # the ts of the thread's first message; empty outside a thread
    edited_ts: str = ""  # when its author last edited it; empty if they did not
    is_direct: bool = False
    is_our_own: bool = False
    app: App | None = None  # the app that it names as its author
    mail_by: tuple[str, str] | None = None  # name and address in an attached email's From, unverified
    client_msg_id: str = ""  # the ID that the author's Slack client gave it
    reason: str = ""  # why it is ignored

    @property
    def written_at(self) -> datetime:
        """When Slack accepted the message."""
        return datetime.fromtimestamp(float(self.ts), UTC)

    @property
    def edited_at(self) -> datetime | None:
        """When its author edited it; the time of writing if only Slack changed it, as with a link preview."""
        if self.kind is not EventKind.EDITED:
            return None
        return datetime.fromtimestamp(float(self.edited_ts or self.ts), UTC)

    def external_id(self, home_team: str) -> str:
        """The ID of the message in the ledger (design 3.1)."""
        return f"{home_team}:{self.channel}:{self.ts}"


def as_ts(moment: datetime) -> str:
    """A time in the format of Slack's `ts`."""
    return f"{Decimal(str(moment.timestamp())):.6f}"


def is_ts(value: Any) -> bool:
    """Whether this is a ts of Slack's: a text of seconds since 1970 with decimals, such as `1767349300.000500`."""
    if not isinstance(value, str) or not value.isascii():
        return False
    seconds, _, fraction = value.partition(".")
    return seconds.isdigit() and len(seconds) <= 11 and fraction.isdigit()


def moment_of(ts: Any) -> datetime:
    """The time of a `ts`; 1970 if there is none."""
    return datetime.fromtimestamp(float(ts or 0), UTC)


class MalformedEventError(ValueError):
    """The event has no channel or no valid ts, so it names no message."""


def read_event(event: Mapping[str, Any], *, our_user: str, our_bot: str) -> MessageEvent:
    """Read a `message` event; raises MalformedEventError.

    `our_user` and `our_bot` are the user_id and bot_id of auth.test. An edit is read as the message after it.
    """
    subtype = str(event.get("subtype") or "")
    message: Mapping[str, Any] = event
    if subtype == _EDIT:
        message = mapping(event.get("message"))
        # A deleted message that has replies is replaced by a tombstone.
        if message.get("subtype") == "tombstone":
            subtype = _DELETE
    ts = str(event.get("deleted_ts") or message.get("ts") or "") if subtype == _DELETE else str(message.get("ts") or "")
    channel = str(event.get("channel") or "")
    if not channel or not is_ts(ts):
        raise MalformedEventError("a message event without a channel or a usable ts")
    previous = mapping(event.get("previous_message"))
    by = previous if subtype == _DELETE and previous else message
    message_subtype = str(message.get("subtype") or "") if subtype == _EDIT else subtype
    content = message_text(message) if subtype != _DELETE else MessageText()
    kind, reason = _kind(subtype, message_subtype, by, content)
    has_text = kind in (EventKind.WRITTEN, EventKind.EDITED)
    app = app_of(by)
    return MessageEvent(
        kind=kind,
        channel=channel,
        ts=ts,
        user=str(by.get("user") or ""),
        text=content.whole if has_text else "",
        own=_own(content, app) if has_text else "",
        files=incoming_files(content.files, content.forwarded_files) if has_text else (),
        thread_ts=_thread(by, ts),
        edited_ts=_edited(message),
        is_direct=event.get("channel_type") == "im" or channel.startswith("D"),
        is_our_own=by.get("user") == our_user or (bool(our_bot) and by.get("bot_id") == our_bot),
        app=app,
        mail_by=content.mail_by,
        client_msg_id=str(message.get("client_msg_id") or ""),
        reason=reason,
    )


def _edited(message: Mapping[str, Any]) -> str:
    ts = str(mapping(message.get("edited")).get("ts") or "")
    return ts if is_ts(ts) else ""


def _thread(by: Mapping[str, Any], ts: str) -> str:
    thread = str(by.get("thread_ts") or "")
    return thread if is_ts(thread) and thread != ts else ""


def _own(content: MessageText, app: App | None) -> str:
    """The author's own text; for an email that Slackbot posts the whole of it."""
    return content.whole if app is not None and app.is_slackbot else content.own


def _kind(subtype: str, message_subtype: str, by: Mapping[str, Any], content: MessageText) -> tuple[EventKind, str]:
    if subtype == _DELETE:
        return EventKind.DELETED, ""
    if message_subtype not in _READ_SUBTYPES:
        return EventKind.IGNORED, f"it is a {message_subtype} message"
    if not by.get("user") and app_of(by) is None:
        return EventKind.IGNORED, "nobody is named as its author"
    if not content.whole.strip():
        return EventKind.IGNORED, "it is empty"
    return (EventKind.EDITED if subtype == _EDIT else EventKind.WRITTEN), ""
