"""After a long outage of the inbox the log channel gets one line."""

import json
from datetime import timedelta

import pytest

from bot.clock import Clock
from casebook.admin import outages
from casebook.models import Notice
from fixtures.cast import INBOX


def letter(number: int) -> bytes:
    return (
        f"From: mia@customer.example.com\r\nTo: {INBOX}\r\nSubject: Letter {number}\r\n"
        f"Message-ID: <letter-{number}@customer.example.com>\r\n\r\nHello\r\n"
    ).encode()


async def reported(desk) -> list[str]:
    rows = await desk.do(lambda: list(Notice.select(Notice.payload).where(Notice.kind == "log").tuples()))
    return [json.loads(payload)["text"] for (payload,) in rows]


async def read_last(desk, account, box, *, minutes: float) -> str:
    """The inbox was read to its end so many minutes ago; the name of the mark."""
    door, now = f"{account(box).door}:alive", Clock().now()
    await desk.do(outages.mark_alive, door, at=now - timedelta(minutes=minutes), now=now)
    return door


async def test_the_log_channel_shows_from_when_to_when_the_inbox_was_not_read(box, listening, desk, account):
    await read_last(desk, account, box, minutes=20)
    await box.deliver(letter(1))
    await box.deliver(letter(2))

    async with listening(box) as at:
        await at.until_stored(2)
        await box.deliver(letter(3))
        await at.until_stored(3)
    await box.deliver(letter(4))
    async with listening(box) as at:
        await at.until_stored(4)

    (line,) = await reported(desk)
    assert line.startswith("I could not read the inbox from ")
    assert line.endswith(" and have caught up 2 mails")


@pytest.mark.parametrize("minutes", [0.5, 4])
async def test_a_short_outage_is_not_reported(box, listening, desk, account, minutes):
    door = await read_last(desk, account, box, minutes=minutes)
    before = await desk.do(outages.last_alive, door)
    await box.deliver(letter(1))

    async with listening(box) as at:
        await at.until_stored(1)
        await box.deliver(letter(2))
        await at.until_stored(2)

    assert await reported(desk) == []
    assert await desk.do(outages.last_alive, door) > before
