"""Parsing in another process: its results, and mails that hang or crash it."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from bot.mail.worker.job import ReadResult
from bot.mail.worker.job import read as read_here
from bot.mail.worker.process import ParserProcess
from casebook.admin.quarantine import held
from casebook.models import Message
from fixtures.cast import INBOX

FATAL = "tests.bot.mail.worker.fatal_reading"


def letter(number: int, text: str = "My printer is out of ink.") -> bytes:
    return (
        f"From: mia@customer.example.com\r\nTo: {INBOX}\r\nSubject: Letter {number}\r\n"
        f"Message-ID: <letter-{number}@customer.example.com>\r\n\r\n{text}\r\n"
    ).encode()


def ids(*numbers: int) -> list[str]:
    return [f"letter-{number}@customer.example.com" for number in numbers]


def stored():
    return Message.select().order_by(Message.id)


async def reasons(desk) -> list[str]:
    return [item.reason for item in await desk.do(held)]


@pytest.fixture
async def apart():
    """Starts parser processes; they are ended after the test."""
    begun: list[ParserProcess] = []

    def begin(**options):
        begun.append(ParserProcess(**options))
        return begun[-1]

    yield begin
    for each in begun:
        await each.end()


def page(number: int, text: str) -> bytes:
    head = letter(number).partition(b"\r\n\r\n")[0]
    return head + f"\r\nContent-Type: text/html\r\n\r\n<p>{text}</p><p>Out of ink</p>".encode()


async def until_outcomes(at, count: int) -> None:
    async def enough() -> bool:
        return len(await at.outcomes()) >= count

    await at.until(enough, patience=40)  # each crash costs the start of another process


async def test_mails_that_hang_or_crash_the_process_affect_no_other_and_come_last(box, listening, apart):
    for number, text in enumerate(("Please hang", "Please end", "Please lie", "Ink"), start=1):
        await box.deliver(letter(number, text))

    async with listening(box, read=apart(module=FATAL, read_within=1.5).read) as at:
        await until_outcomes(at, 4)

    assert await at.ids() == ids(4)
    assert await at.outcomes() == ["message", "quarantined", "quarantined", "quarantined"]
    assert await reasons(at.desk) == [
        "Reading this mail did not end within 1.5 seconds.",
        "Reading this mail ended the process that reads mails.",
        "Reading this mail ended the process that reads mails.",
    ]


async def test_a_mail_whose_page_overruns_is_a_message_without_it_and_later_mails_go_before(box, listening, apart):
    await box.deliver(page(1, "Hang over my page"))
    await box.deliver(page(2, "End over my page"))
    await box.deliver(page(3, "Ink"))

    async with listening(box, read=apart(module=FATAL, read_within=1.5).read) as at:
        await until_outcomes(at, 3)
        cut = await at.desk.do(lambda: [(row.external_id, row.body, row.cut) for row in stored()])

    assert cut == [
        (*ids(3), "Ink\n\nOut of ink", False),
        (*ids(1), "Hang over my page\nOut of ink", True),
        (*ids(2), "End over my page\nOut of ink", True),
    ]
    assert await at.outcomes() == ["message", "message", "message"]


async def test_postponed_mails_are_pending_over_a_restart(box, listening, apart):
    await box.deliver(page(1, "Hang over my page"))
    await box.deliver(letter(2))
    async with listening(box, read=apart(module=FATAL, read_within=1.5).read) as at:
        await at.until_stored(1)

    async with listening(box) as at:
        await at.until_stored(2)

    assert await at.ids() == ids(2, 1)


async def test_a_mail_over_which_the_process_hangs_once_is_read_whole(box, listening, apart):
    await box.deliver(page(1, "Ink"))
    reading = apart()
    calls = []

    async def read(mail):
        calls.append(mail.frugal)
        return ReadResult(found="Too long.", overran=True) if len(calls) == 1 else await reading.read(mail)

    async with listening(box, read=read) as at:
        await at.until_stored(1)

    assert calls == [False, False]
    assert await at.desk.do(lambda: [row.body for row in stored()]) == ["Ink\n\nOut of ink"]


async def test_several_slow_mails_do_not_count_as_silence(box, listening):
    begun, heard = [], []

    async def read(mail):
        (at,) = begun
        heard.append(at.part.last_heard)
        at.part.last_heard = None
        return read_here(mail)

    for number in range(1, 4):
        await box.deliver(letter(number))
    async with listening(box, read=read) as at:
        begun.append(at)
        await at.until_stored(3)

    assert len(heard) == 3
    assert None not in heard


async def test_a_process_that_was_killed_between_two_mails_is_begun_anew(box, listening, apart):
    reading = apart()
    async with listening(box, read=reading.read) as at:
        await box.deliver(letter(1))
        await at.until_stored(1)
        os.kill(reading.pid, signal.SIGKILL)
        await box.deliver(letter(2))
        await at.until_stored(2)

    assert await at.outcomes() == ["message", "message"]


async def test_a_process_that_cannot_be_begun_quarantines_nothing(box, listening, apart):
    await box.deliver(letter(1))

    async with listening(box, read=apart(module="tests.bot.mail.no_such_module").read) as at:
        await box.until(lambda: at.part.last_error is not None)

    assert await at.outcomes() == []


async def test_the_process_gets_no_secret_and_ends_with_its_parent(box, listening, apart, monkeypatch):
    monkeypatch.setenv("IMAP_PASSWORD", "correct horse")
    reading = apart()
    async with listening(box, read=reading.read) as at:
        await box.deliver(letter(1))
        await at.until_stored(1)
        environment = await asyncio.to_thread(Path(f"/proc/{reading.pid}/environ").read_bytes)

    assert b"PYTHONPATH" in environment
    assert b"correct horse" not in environment


async def test_a_mail_at_which_the_connection_always_breaks_is_quarantined_and_others_are_read(box, listening):
    box.break_at(b"Poison")
    async with listening(box) as at:
        for number in range(1, 4):
            await box.deliver(letter(number, "Poison" if number == 2 else "Ink"))
        await at.until_stored(2)
        await box.deliver(letter(4))
        await at.until_stored(3)
        await at.until(lambda: quarantined(at))

    assert await at.ids() == ids(1, 3, 4)
    assert await reasons(at.desk) == ["The mail server lists it as UID 102 and failed to deliver it, again and again."]


async def quarantined(at) -> bool:
    return "quarantined" in await at.outcomes()


async def test_a_connection_that_breaks_at_every_mail_quarantines_none_of_them(box, listening):
    box.break_at(b"Ink")
    for number in range(1, 4):
        await box.deliver(letter(number, "Ink"))

    async with listening(box) as at:
        await box.until(lambda: box.connections > 5)
        before = await at.outcomes()
        box.break_at(b"")
        await at.until_stored(3)

    assert before == []
    assert await at.outcomes() == ["message", "message", "message"]


async def test_a_mail_that_even_the_quarantine_cannot_keep_whole_has_its_row(box, listening, desk):
    class Refusing:
        async def do(self, operation, *args, **kwargs):
            if operation.__name__ == "receive" or kwargs.get("raw"):
                raise ValueError
            return await desk.do(operation, *args, **kwargs)

    await box.deliver(letter(1))

    async with listening(box, desk=Refusing()) as at:
        await at.until(lambda: quarantined(at))

    assert await reasons(desk) == ["The book cannot take it (ValueError). Its bytes could not be kept either."]
