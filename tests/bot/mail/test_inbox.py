"""The inbox against a real IMAP server, over a connection that the test controls."""

import ssl
import time
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from structlog.testing import capture_logs

from bot.status import State
from casebook.errors import DatabaseUnavailableError
from casebook.models import Message
from fixtures.cast import INBOX
from fixtures.mailbox import Mailbox


def letter(number: int, text: str = "My printer is out of ink.") -> bytes:
    return (
        f"From: mia@customer.example.com\r\nTo: {INBOX}\r\nSubject: Letter {number}\r\n"
        f"Message-ID: <letter-{number}@customer.example.com>\r\n\r\n{text} ({number})\r\n"
    ).encode()


def ids(*numbers: int) -> list[str]:
    return [f"letter-{number}@customer.example.com" for number in numbers]


async def test_the_first_start_takes_unseen_mail_and_leaves_older_mail(box, listening):
    await box.deliver(letter(1), seen=True)
    await box.deliver(letter(2))

    async with listening(box) as at:
        await at.until_stored(1)
        await box.deliver(letter(3))
        await at.until_stored(2)

    assert await at.ids() == ids(2, 3)


async def test_mail_that_arrives_while_idling_is_stored_and_wakes_the_courier(box, listening):
    async with listening(box) as at:
        await box.until(lambda: at.part.state is State.UP)

        await box.deliver(letter(1))
        await at.until_stored(1)
        await box.until(lambda: bool(at.wakes))

    assert await at.ids() == ids(1)


async def test_without_idle_the_inbox_is_polled(listening):
    async with Mailbox.running(idle=False) as box, listening(box) as at:
        await box.until(lambda: at.part.state is State.UP)

        await box.deliver(letter(1))
        await at.until_stored(1)

        assert await at.ids() == ids(1)
        assert box.connections == 1


async def test_stored_mail_is_marked_as_seen_and_kept_on_the_server(box, listening):
    await box.deliver(letter(1))

    async with listening(box) as at:
        await at.until_stored(1)

    assert list((await box.flags()).values()) == [{"\\Seen"}]


async def test_no_mark_is_left_where_none_is_wanted(box, listening):
    await box.deliver(letter(1))

    async with listening(box, mark_seen=False) as at:
        await at.until_stored(1)

    assert list((await box.flags()).values()) == [frozenset()]


async def test_a_restart_goes_on_where_it_stopped_whatever_was_opened_meanwhile(box, listening):
    await box.deliver(letter(1))
    async with listening(box) as at:
        await at.until_stored(1)

    await box.deliver(letter(2), seen=True)
    async with listening(box) as at:
        await at.until_stored(2)

    assert await at.ids() == ids(1, 2)


async def test_a_hundred_and_twenty_mails_are_taken_in_order(box, listening):
    for number in range(120):
        await box.deliver(letter(number))

    async with listening(box) as at:
        await at.until_stored(120)

    assert await at.ids() == ids(*range(120))
    assert set((await box.flags()).values()) == {frozenset({"\\Seen"})}


async def test_a_mail_that_cannot_be_read_is_quarantined_and_the_next_one_is_read(box, listening):
    await box.deliver(letter(1))
    await box.deliver(b"From: nobody at all\r\n\r\nWho am I?\r\n")
    await box.deliver(letter(3))

    async with listening(box) as at:
        await at.until_stored(2)

    assert await at.outcomes() == ["message", "quarantined", "message"]
    assert await at.ids() == ids(1, 3)


async def test_after_a_lost_connection_it_connects_again(box, listening):
    async with listening(box) as at:
        await box.until(lambda: at.part.state is State.UP)

        box.cut()
        await box.deliver(letter(1))
        await at.until_stored(1)

        assert box.connections >= 2
        assert at.part.last_error == "The connection to the mail server was lost."


async def test_a_refusing_server_is_tried_until_it_takes_connections_again(box, listening):
    async with listening(box) as at:
        await box.until(lambda: at.part.state is State.UP)
        box.refuse()
        await box.until(lambda: box.connections >= 3)
        assert at.part.state is State.DOWN

        box.mend()
        await box.deliver(letter(1))
        await at.until_stored(1)
        await box.until(lambda: at.part.state is State.UP)


async def test_an_idle_that_hangs_turns_the_part_down_and_heals(box, listening):
    async with listening(box, idle_seconds=0.1) as at:
        await box.until(lambda: at.part.state is State.UP)

        box.blackhole()
        await box.until(lambda: at.part.state is State.DOWN)
        box.mend()
        await box.deliver(letter(1))
        await at.until_stored(1)
        await box.until(lambda: at.part.state is State.UP)


async def test_a_refused_login_says_what_to_do_and_is_tried_rarely(box, listening):
    async with listening(box, password="wrong") as at:
        await box.until(lambda: at.part.state is State.DOWN)
        await box.until(lambda: box.connections >= 2)

        assert "IMAP_PASSWORD" in str(at.part.last_error)
        assert "wrong" not in str(at.part.last_error)


async def test_the_login_may_be_another_name_than_the_address(listening):
    async with Mailbox.running(user="casebook-reader") as box:
        await box.deliver(letter(1))
        async with listening(box, address=INBOX, login="casebook-reader") as at:
            await at.until_stored(1)


async def test_a_folder_that_is_not_there_is_named_by_its_setting(box, listening):
    async with listening(box, folder="No such folder") as at:
        await box.until(lambda: at.part.state is State.DOWN)

    assert "IMAP_FOLDER" in str(at.part.last_error)


async def test_a_rebuilt_inbox_is_read_again_and_nothing_is_doubled(box, listening):
    old = datetime.now(UTC) - timedelta(days=30)
    await box.deliver(letter(1), seen=True, received_at=old)
    await box.deliver(letter(2))
    async with listening(box) as at:
        await at.until_stored(1)

        await box.rebuild()
        await box.deliver(letter(3), seen=True)
        await at.until_stored(2)

    assert await at.ids() == ids(2, 3)


async def test_the_timestamp_is_the_servers_and_never_later_than_now(box, listening):
    arrived = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    await box.deliver(letter(1), received_at=arrived)
    await box.deliver(letter(2), received_at=datetime.now(UTC) + timedelta(days=3))

    async with listening(box) as at:
        await at.until_stored(2)
        times = await at.desk.do(lambda: [row.timestamp for row in Message.select().order_by(Message.id)])

    assert times[0] == arrived
    assert times[1] <= datetime.now(UTC)


async def test_a_database_that_is_away_loses_and_doubles_nothing(box, listening, desk):
    class Flaky:
        away = True

        async def do(self, operation, *args, **kwargs):
            if self.away and operation.__name__ == "receive":
                raise DatabaseUnavailableError
            return await desk.do(operation, *args, **kwargs)

    flaky = Flaky()
    await box.deliver(letter(1))
    async with listening(box, desk=flaky) as at:
        with capture_logs() as logs:
            await box.until(lambda: any(line["event"] == "mail not read, database unavailable" for line in logs))
        assert list((await box.flags()).values()) == [frozenset()]

        flaky.away = False
        await at.until_stored(1)

    assert await at.outcomes() == ["message"]


async def test_a_mail_that_cannot_be_stored_does_not_stop_later_ones(box, listening, desk):
    class Refusing:
        async def do(self, operation, *args, **kwargs):
            if operation.__name__ == "receive" and args[0].external_id in ids(1):
                raise ValueError
            return await desk.do(operation, *args, **kwargs)

    await box.deliver(letter(1))
    await box.deliver(letter(2))

    async with listening(box, desk=Refusing()) as at:
        await at.until_stored(1)

    assert await at.outcomes() == ["quarantined", "message"]


async def test_stopping_logs_out_at_once_and_ends_the_loop(box, listening):
    async with listening(box, idle_seconds=60) as at:
        await box.until(lambda: at.part.state is State.UP)

        before = time.monotonic()
        await at.inbox.stop()

    assert time.monotonic() - before < 2
    assert at.part.last_error is None


async def test_stopping_does_not_wait_for_a_server_that_is_silent(box, listening):
    async with listening(box) as at:
        await box.until(lambda: at.part.state is State.UP)
        box.blackhole()

        before = time.monotonic()
        await at.inbox.stop()

    assert time.monotonic() - before < 5


async def test_the_log_names_rows_and_never_what_a_mail_says(box, listening):
    with capture_logs() as logs:
        async with listening(box) as at:
            await box.deliver(letter(1, text="A secret text"))
            await at.until_stored(1)

    line = next(line for line in logs if line["event"] == "mail")
    assert line["outcome"] == "message"
    assert line["case"] == "CASE-0001"
    assert not any(word in str(logs) for word in ("secret", "Letter", "@"))


async def test_tls_is_spoken_and_its_certificate_checked(listening):
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with Mailbox.running(tls=server) as box:
        await box.deliver(letter(1))

        async with listening(box, tls=True) as distrusting:
            await box.until(lambda: distrusting.part.state is State.DOWN)
        async with listening(box, tls=True, authorities=trusting) as at:
            await at.until_stored(1)

    assert "CERTIFICATE_VERIFY_FAILED" in str(distrusting.part.last_error)


@pytest.mark.parametrize("size", [6_000_000])
async def test_a_large_mail_is_stored_as_far_as_the_limit_and_marked(box, listening, size):
    await box.deliver(letter(1, text="line\r\n" * (size // 6)))

    async with listening(box) as at:
        await at.until_stored(1)
        body = await at.desk.do(lambda: Message.get().body)

    assert 4_000_000 < len(body) <= 5_000_000
