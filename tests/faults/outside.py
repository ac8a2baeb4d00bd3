"""What users and servers saw: acknowledgements, posts and mails."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email import message_from_bytes

from fixtures.cast import ALERTS, CASEBOOK, HOME_TEAM, LOG, SUPPORT
from fixtures.mailbox import Mailbox
from fixtures.stage import Stage
from fixtures.workspace import Workspace
from fixtures.workspace.socket_mode.socket import Envelope
from fixtures.workspace.state import BOT_ID, Json, Post
from tests.faults.inputs import Input

STAFF = {SUPPORT.channel_id, ALERTS.channel_id, LOG.channel_id}


@dataclass(frozen=True, slots=True)
class OurPost:
    """One post of the bot, in its current state."""

    channel: str
    ts: str
    text: str  # including its blocks
    key: str = ""  # of its notice
    thread: str = ""  # the ts of the thread's first message, or empty


@dataclass(frozen=True, slots=True)
class OurMail:
    """One mail of the bot that the server accepted."""

    message_id: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Everything visible outside at one moment."""

    acknowledged: frozenset[tuple[str, str]] = frozenset()  # (source, external ID) of messages and mails
    deliveries: int = 0  # acknowledged envelopes and mails marked as read
    said: tuple[OurPost, ...] = ()
    sent: tuple[OurMail, ...] = field(default=())


async def look(stage: Stage, written: Mapping[str, Input]) -> Outside:
    """Read everything from the stand-ins."""
    acknowledged, deliveries = _acknowledged(stage.workspace)
    marked = set()
    if stage.mailbox is not None:
        seen = {uid for uid, flags in (await stage.mailbox.flags()).items() if "\\Seen" in flags}
        marked = {given.external_id for given in written.values() if given.uid in seen}
    return Outside(
        acknowledged=frozenset(acknowledged) | {("email", each) for each in marked},
        deliveries=deliveries + len(marked),
        said=tuple(_said(stage.workspace)),
        sent=tuple(_sent(stage.mailbox)) if stage.mailbox is not None else (),
    )


def message_of(envelope: Envelope) -> str:
    """The external ID of the message that an event is about; empty for other events."""
    event = envelope.payload.get("event") or {}
    if envelope.kind != "events_api" or event.get("type") != "message":
        return ""
    subtype = event.get("subtype") or ""
    message: Json = event
    if subtype == "message_changed":
        message = event["message"]
    if subtype == "message_deleted":
        message = event["previous_message"]
    if message.get("bot_id") or message.get("user") == CASEBOOK.user_id:
        return ""
    return f"{HOME_TEAM}:{event['channel']}:{message['ts']}"


def _acknowledged(workspace: Workspace) -> tuple[set[tuple[str, str]], int]:
    found, events = set(), set()
    for envelope in workspace.envelopes:
        external_id = message_of(envelope) if envelope.acknowledged_at is not None else ""
        if external_id:
            found.add(("slack", external_id))
            events.add(envelope.payload["event_id"])
    return found, len(events)


def _said(workspace: Workspace) -> list[OurPost]:
    return [
        OurPost(post.channel, post.ts, _text(post), _key(post), post.thread_ts or "" if post.is_reply else "")
        for posts in workspace.state.posts.values()
        for post in posts.values()
        if post.bot_id == BOT_ID
    ]


def _text(post: Post) -> str:
    return post.text + "\n" + json.dumps(post.blocks, ensure_ascii=False) if post.blocks else post.text


def _key(post: Post) -> str:
    return str(((post.metadata or {}).get("event_payload") or {}).get("key") or "")


def _sent(mailbox: Mailbox) -> list[OurMail]:
    found = []
    for mail in mailbox.sent:
        parsed = message_from_bytes(mail.raw)
        texts = [part.get_payload(decode=True) for part in parsed.walk() if part.get_content_type() == "text/plain"]
        text = b"\n".join(each for each in texts if isinstance(each, bytes)).decode("utf-8", "replace")
        found.append(OurMail(str(parsed["Message-ID"]), text))
    return found
