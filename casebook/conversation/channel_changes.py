"""Changes of channel IDs in Slack: everything stored under the old ID moves to the new one (design 3.11)."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from peewee import Value, fn

from casebook import notices
from casebook.conversation import app_customers
from casebook.incoming import Source
from casebook.models import ChannelChange, Early, LedgerRow, Message, Notice, Position, Post, Thread, book
from casebook.rules import Limits

# Whatever was still arriving under the old ID when the change became known has been stored by then.
_SETTLED_AFTER = timedelta(minutes=10)


def follow(team: str, old: str, new: str, *, now: datetime, limits: Limits, words: str = "") -> bool:
    """Move everything that belongs to a channel to its new ID; returns whether the change was new; one transaction.

    `words` is logged in the log channel, once. May run any number of times, also after a later change of the channel.
    """
    with book.atomic():
        if old == new or not _record_change(old, new, now=now):
            return False
        _move(team, old, new, now=now, limits=limits)
        if words:
            notices.log(words, now=now)
        return True


def known() -> dict[str, str]:
    """The current ID of each channel, by each of its former IDs."""
    return {str(row.old_channel): str(row.new_channel) for row in ChannelChange.select()}


def settle(team: str, *, now: datetime, limits: Limits) -> dict[str, str]:
    """Move what was stored under an old ID while its change was being recorded; returns what `known` returns.

    One transaction.
    """
    with book.atomic():
        for row in ChannelChange.select().where(ChannelChange.at > now - _SETTLED_AFTER):
            _move(team, row.old_channel, row.new_channel, now=now, limits=limits)
        return known()


def _record_change(old: str, new: str, *, now: datetime) -> bool:
    """Store the change for everybody who still uses the old ID; false if it is already stored."""
    if ChannelChange.select().where(ChannelChange.old_channel == old).exists():
        return False
    ChannelChange.delete().where(ChannelChange.old_channel == new).execute()
    ChannelChange.update(new_channel=new, at=now).where(ChannelChange.new_channel == old).execute()
    ChannelChange.create(old_channel=old, new_channel=new, at=now)
    return True


def _move(team: str, old: str, new: str, *, now: datetime, limits: Limits) -> None:
    app_customers.follow(old, new, now=now, limits=limits)
    before, after = f"{team}:{old}:", f"{team}:{new}:"
    _rename(Message, Message.external_id, before, after, Message.source == Source.SLACK)
    Message.update(place=new).where((Message.source == Source.SLACK) & (Message.place == old)).execute()
    _move_waiting(before, after, old, new)
    _rename(LedgerRow, LedgerRow.external_id, before, after, LedgerRow.source == Source.SLACK)
    _rename(Thread, Thread.external_id, before, after)
    Early.update(place=new).where(Early.place == old).execute()
    Post.update(channel=new).where(Post.channel == old).execute()
    Notice.update(lane=new).where(Notice.lane == old).execute()
    for suffix in ("", ":from"):
        _move_position(f"slack:{team}:{old}{suffix}", f"slack:{team}:{new}{suffix}")


def _rename(table: Any, name: Any, before: str, after: str, condition: Any = None) -> None:
    """Replace the prefix `before` with `after` in a column; rows whose new name already exists stay as they are."""
    renamed = Value(after).concat(fn.SUBSTR(name, len(before) + 1))
    other = table.alias()
    existing = other.select(Value(1)).where(getattr(other, name.name) == renamed)
    matching = name.startswith(before) & ~fn.EXISTS(existing)
    if condition is not None:
        existing = existing.where(other.source == Source.SLACK)
        matching = condition & name.startswith(before) & ~fn.EXISTS(existing)
    table.update({name: renamed}).where(matching).execute()


def _move_waiting(before: str, after: str, old: str, new: str) -> None:
    """Update the IDs inside the waiting messages, which are stored in full in their ledger rows."""
    rows = LedgerRow.select(LedgerRow.id, LedgerRow.raw_bytes).where(
        (LedgerRow.source == Source.SLACK)
        & LedgerRow.external_id.startswith(before)
        & (LedgerRow.outcome == "ignored")
        & LedgerRow.raw_bytes.is_null(False)
    )
    for row in list(rows):
        kept: dict[str, Any] = json.loads(bytes(row.raw_bytes or b"{}"))
        kept["place"] = new if kept.get("place") == old else kept.get("place", "")
        kept["sender"] = app_customers.renamed(str(kept.get("sender", "")), old, new)
        kept["external_id"] = _renamed(str(kept.get("external_id", "")), before, after)
        kept["conversation"] = list(_all_renamed(kept.get("conversation", ()), before, after))
        LedgerRow.update(raw_bytes=json.dumps(kept).encode()).where(LedgerRow.id == row.id).execute()


def _all_renamed(names: Any, before: str, after: str) -> Iterator[str]:
    return (_renamed(str(name), before, after) for name in names)


def _renamed(name: str, before: str, after: str) -> str:
    return after + name.removeprefix(before) if name.startswith(before) else name


def _move_position(before: str, after: str) -> None:
    """Move the position; if the new ID has one as well, keep the earlier, so that nothing is skipped."""
    row = Position.get_or_none(Position.door == before)
    if row is None:
        return
    there = Position.get_or_none(Position.door == after)
    if there is None:
        Position.update(door=after).where(Position.door == before).execute()
        return
    Position.update(value=min(row.value, there.value)).where(Position.door == after).execute()
    Position.delete().where(Position.door == before).execute()
