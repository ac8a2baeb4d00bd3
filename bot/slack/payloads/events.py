"""Reading a Slack message event: what it is, whose, where, and what it says; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from bot.slack.payloads.app_posts import App, app_of
from bot.slack.payloads.files import incoming_files
from bot.slack.payloads.json_values import mapping
from bot.slack.payloads.shares import MessageText, said_in
from casebook.incoming import IncomingFile

# https://docs.slack.dev/reference/events/message#subtypes
_COUNT = {"", "file_share", "me_message", "thread_broadcast", "bot_message"}
_EDIT, _DELETE = "message_changed", "message_deleted"


class What(StrEnum):
    """What a message event means for the book."""

    WRITTEN = "written"
    EDITED = "edited"
    DELETED = "deleted"
    NOTHING = "nothing"  # for the reason given


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEvent:
    """One message event."""

    what: What
    channel: str
    ts: str
    user: str = ""
    text: str = ""  # all that it says, with Slack's markup; where nothing was written, a line for each file
    own: str = ""  # of it, the words of its writer: without those that they forward
    files: tuple[IncomingFile, ...] = ()
    thread_ts: str = ""  # the ts of the thread's first message; empty outside of threads
    edited_ts: str = ""  # when its writer gave it these words; empty: as first written
    is_direct: bool = False
    is_our_own: bool = False
    app: App | None = None  # the app that it names as its maker
    mail_by: tuple[str, str] | None = None  # the name and address in the From of a mail among its files: unproven
    client_msg_id: str = ""  # under which name its writer's client sent it
    reason: str = ""  # why it means nothing

    @property
    def written_at(self) -> datetime:
        """When Slack took the message."""
        return datetime.fromtimestamp(float(self.ts), UTC)

    @property
    def edited_at(self) -> datetime | None:
        """When an edit gave it these words; one in which nobody changed them tells how it was first written."""
        if self.what is not What.EDITED:
            return None
        return datetime.fromtimestamp(float(self.edited_ts or self.ts), UTC)

    def external_id(self, home_team: str) -> str:
        """The message's name in the ledger (design 3.1)."""
        return f"{home_team}:{self.channel}:{self.ts}"


def as_ts(moment: datetime) -> str:
    """A moment as Slack's ts."""
    return f"{Decimal(str(moment.timestamp())):.6f}"


def moment_of(ts: Any) -> datetime:
    """Slack's ts as a moment; 1970 where there is none."""
    return datetime.fromtimestamp(float(ts or 0), UTC)


class MalformedEventError(ValueError):
    """The event lacks a channel or a usable ts, so there is no message to speak of."""


def read_event(event: Mapping[str, Any], *, our_user: str, our_bot: str) -> MessageEvent:
    """Read a `message` event; raises MalformedEventError.

    `our_user` and `our_bot` are user_id and bot_id of auth.test. An edit is read as the message that it leaves.
    """
    subtype = str(event.get("subtype") or "")
    message: Mapping[str, Any] = event
    if subtype == _EDIT:
        message = mapping(event.get("message"))
        # The last reply of a deleted thread root leaves a tombstone in its place.
        if message.get("subtype") == "tombstone":
            subtype = _DELETE
    ts = str(event.get("deleted_ts") or message.get("ts") or "") if subtype == _DELETE else str(message.get("ts") or "")
    channel = str(event.get("channel") or "")
    if not channel or not _is_ts(ts):
        raise MalformedEventError("a message event without a channel or a usable ts")
    previous = mapping(event.get("previous_message"))
    by = previous if subtype == _DELETE and previous else message
    own = str(message.get("subtype") or "") if subtype == _EDIT else subtype
    said = said_in(message) if subtype != _DELETE else MessageText()
    what, reason = _meaning(subtype, own, by, said)
    is_said = what in (What.WRITTEN, What.EDITED)
    app = app_of(by)
    return MessageEvent(
        what=what,
        channel=channel,
        ts=ts,
        user=str(by.get("user") or ""),
        text=said.whole if is_said else "",
        own=_own(said, app) if is_said else "",
        files=incoming_files(said.files, said.passed_files) if is_said else (),
        thread_ts=_thread(by, ts),
        edited_ts=_edited(message),
        is_direct=event.get("channel_type") == "im" or channel.startswith("D"),
        is_our_own=by.get("user") == our_user or (bool(our_bot) and by.get("bot_id") == our_bot),
        app=app,
        mail_by=said.mail_by,
        client_msg_id=str(message.get("client_msg_id") or ""),
        reason=reason,
    )


def _edited(message: Mapping[str, Any]) -> str:
    ts = str(mapping(message.get("edited")).get("ts") or "")
    return ts if _is_ts(ts) else ""


def _thread(by: Mapping[str, Any], ts: str) -> str:
    thread = str(by.get("thread_ts") or "")
    return thread if _is_ts(thread) and thread != ts else ""


def _own(said: MessageText, app: App | None) -> str:
    """A mail that Slack posts is its writer's own words."""
    return said.whole if app is not None and app.is_slackbot else said.own


def _meaning(subtype: str, own: str, by: Mapping[str, Any], said: MessageText) -> tuple[What, str]:
    if subtype == _DELETE:
        return What.DELETED, ""
    if own not in _COUNT:
        return What.NOTHING, f"it is a {own} message"
    if not by.get("user") and app_of(by) is None:
        return What.NOTHING, "nobody is named as its author"
    if not said.whole.strip():
        return What.NOTHING, "it is empty"
    return (What.EDITED if subtype == _EDIT else What.WRITTEN), ""


def _is_ts(text: str) -> bool:
    """Slack's ts: seconds with six decimals since 1970."""
    seconds, dot, fraction = text.partition(".")
    return bool(dot) and seconds.isascii() and seconds.isdigit() and len(seconds) <= 11 and fraction.isdigit()
