"""The crash points: functions of the bot before or after which its process can be killed, without code in the bot."""

import functools
import importlib
import inspect
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Point:
    """A place before or after a function of the bot; `counts` decides whether a call counts as a passage."""

    function: str  # module:name, or module:class.name
    after: bool = False
    most: int = 1  # a crash is at a random passage up to this one
    counts: Callable[[Any, tuple[Any, ...]], bool] = lambda _result, _arguments: True


def _of_kind(kind: str) -> Callable[[Any, tuple[Any, ...]], bool]:
    """Whether the claimed notice among the arguments is of this kind."""
    return lambda _result, arguments: any(
        item.kind == kind for given in arguments for item in getattr(given, "items", ())[:1]
    )


def _inside(function: str) -> Callable[[Any, tuple[Any, ...]], bool]:
    """Whether this function is on the call stack."""

    def counts(_result: Any, _arguments: tuple[Any, ...]) -> bool:
        frame = inspect.currentframe()
        while frame is not None:
            if frame.f_code.co_name == function:
                return True
            frame = frame.f_back
        return False

    return counts


def _is_claimed(result: Any, _arguments: tuple[Any, ...]) -> bool:
    return result is not None


def _started_some(result: Any, _arguments: tuple[Any, ...]) -> bool:
    return bool(result.case_ids)


POINTS: dict[str, Point] = {
    "migrate: between steps": Point("playhouse.migrations:Runner.up", after=True, most=2),
    "start: migrated": Point("casebook.database:migrate", after=True),
    "start: running": Point("bot.main:Bot.start", after=True),
    "receive: before": Point("casebook.cases:receive", most=60),
    "receive: in transaction": Point("casebook.ledger:enter", after=True, most=60),
    "receive: stored": Point("casebook.cases:receive", after=True, most=60),
    "draft: in transaction": Point("casebook.ledger:enter", True, 2, _inside("draft")),
    "draft: stored": Point("casebook.outbound.drafts:write", after=True, most=2),
    "edit: in transaction": Point("casebook.ledger:settle", True, 4, _inside("edit")),
    "delete: in transaction": Point("casebook.ledger:settle", True, 2, _inside("delete")),
    "commit: before": Point("peewee:Database.commit", most=200),
    "commit: after": Point("peewee:Database.commit", after=True, most=200),
    "ack: before": Point("bot.slack.socket_mode.websocket:WebSocket.send", most=60),
    "ack: sent": Point("bot.slack.socket_mode.websocket:WebSocket.send", after=True, most=60),
    "claim: done": Point("casebook.notices:claim", True, 10, _is_claimed),
    "post: before call": Point("slack_sdk.web.async_client:AsyncWebClient.chat_postMessage", most=10),
    "post: accepted": Point("slack_sdk.web.async_client:AsyncWebClient.chat_postMessage", after=True, most=10),
    "post: marked": Point("casebook.notices:mark_sent", after=True, most=10),
    "update: accepted": Point("slack_sdk.web.async_client:AsyncWebClient.chat_update", after=True, most=5),
    "alert: accepted": Point("bot.slack.delivery.posting:deliver", True, 1, _of_kind("alert")),
    "closing: accepted": Point("bot.slack.delivery.posting:deliver", True, 1, _of_kind("closed")),
    "answer: accepted": Point("bot.slack.delivery.posting:deliver", True, 2, _of_kind("answer")),
    "answer: marked": Point("casebook.outbound.replies:sent", after=True, most=2),
    "silence: in transaction": Point("casebook.escalation:start_episode", True, 1, _inside("escalate_due")),
    "silence: done": Point("casebook.escalation:escalate_due", True, 1, _started_some),
    "mail: fetched": Point("bot.mail.imap.session:Session.fetch", after=True, most=2),
    "mail: stored": Point("bot.mail.imap.fetcher:Reader.take_in", after=True, most=8),
    "position: before": Point("casebook.ledger:keep_position", most=2),
    "position: kept": Point("casebook.ledger:keep_position", after=True, most=2),
    "seen: before": Point("bot.mail.imap.session:Session.mark_seen", most=2),
    "seen: marked": Point("bot.mail.imap.session:Session.mark_seen", after=True, most=2),
    "reading back: seen": Point("bot.slack.catchup.channel_scan:ChannelScan._note_thread", after=True, most=20),
    "reading back: before position": Point("casebook.records.cursors:keep"),
    "reading back: position kept": Point("casebook.records.cursors:keep", after=True),
    "mail sent: before data": Point("aiosmtplib:SMTP.data", most=2),
    "mail sent: accepted": Point("aiosmtplib:SMTP.data", after=True, most=2),
    "mail sent: marked": Point("casebook.outbound.emails:sent", after=True, most=2),
}


def die() -> None:
    """Kill this process, like a power cut."""
    os.kill(os.getpid(), signal.SIGKILL)


def place_of(name: str) -> tuple[Any, str]:
    """The module or class of a crash point's function, and the function's name.

    Raises LookupError when the bot has no such function: then the table above must be updated.
    """
    module, _, path = POINTS[name].function.partition(":")
    owner: Any = importlib.import_module(module)
    *classes, attribute = path.split(".")
    for each in (*classes, attribute):
        if not hasattr(owner, each):
            raise LookupError(f"the crash point {name!r} names {POINTS[name].function}, which is not there")
        owner = getattr(owner, each) if each != attribute else owner
    return owner, attribute


def arm(name: str, passage: int, on_passage: Callable[[], None] = die) -> None:
    """Kill the process, or call another function, at a certain passage of a point; raises LookupError."""
    point = POINTS[name]
    owner, attribute = place_of(name)
    left = passage

    def pass_by(result: Any, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if point.counts(result, arguments):
            left -= 1
            if left == 0:
                on_passage()

    original = getattr(owner, attribute)
    wrapped = _wrapped(original, point, pass_by)
    setattr(owner, attribute, wrapped)
    _replace_imported(original, wrapped)


def _replace_imported(original: Any, wrapped: Any) -> None:
    """Replace the function also in modules that imported it by `from ... import`."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in ("bot", "casebook"):
            for attribute, value in list(vars(module).items()):
                if value is original:
                    setattr(module, attribute, wrapped)


def _wrapped(original: Any, point: Point, pass_by: Callable[[Any, tuple[Any, ...]], None]) -> Any:
    if inspect.iscoroutinefunction(original):

        @functools.wraps(original)
        async def carried(*arguments: Any, **named: Any) -> Any:
            if not point.after:
                pass_by(None, arguments)
            result = await original(*arguments, **named)
            if point.after:
                pass_by(result, arguments)
            return result

        return carried

    @functools.wraps(original)
    def done(*arguments: Any, **named: Any) -> Any:
        if not point.after:
            pass_by(None, arguments)
        result = original(*arguments, **named)
        if point.after:
            pass_by(result, arguments)
        return result

    return done
