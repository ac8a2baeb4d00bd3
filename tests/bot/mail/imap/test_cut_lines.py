"""After any failure of the connection or the server: red in time, a new session, no mail lost or doubled."""

import pytest
from structlog.testing import capture_logs

from bot.status import State
from fixtures.mailbox.meddler import Meddler
from tests.bot.mail.test_inbox import ids, letter


@pytest.fixture
async def meddler(box):
    async with Meddler.before(box.imap_port) as meddler:
        yield meddler


@pytest.fixture
def at_work(box, meddler, listening):
    """An inbox that is connected through the meddler."""
    return lambda **changes: listening(box, port=meddler.port, **{"idle_seconds": 0.1} | changes)


LOST = "The connection to the mail server was lost."

ENDS = {
    "FIN": lambda meddler: meddler.hang_up(),
    "RST": lambda meddler: meddler.reset(),
    "BYE": lambda meddler: (meddler.say(b"* BYE going down\r\n"), meddler.hang_up()),
    "half a line": lambda meddler: (meddler.say(b"* 12 EXI"), meddler.hang_up()),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
async def test_a_connection_that_ends_is_made_anew(box, meddler, at_work, end):
    async with at_work() as at:
        await box.deliver(letter(1))
        await at.until_stored(1)
        lines = box.connections

        end(meddler)
        await box.deliver(letter(2))
        await at.until_stored(2)
        await box.until(lambda: at.part.state is State.UP)

        assert at.part.last_error
        assert box.connections > lines
    assert await at.ids() == ids(1, 2)


SAYINGS = {
    "garbage": b"\x00\xff what is this\r\n",
    "half a line": b"* 12 EXI",
    "a mail that is gone": b"* 1 EXPUNGE\r\n",
    "a mail that is not there": b"* 99 EXISTS\r\n",
    "a warning": b"* OK [ALERT] going down soon\r\n",
    "an answer that nobody asked for": b"XXXX99 OK done\r\n",
    "a line that does not end": b"x" * 100_000,
}


@pytest.mark.parametrize("saying", SAYINGS.values(), ids=SAYINGS)
async def test_whatever_the_server_says_while_we_wait_nothing_is_missed(box, meddler, at_work, saying):
    async with at_work() as at:
        await box.deliver(letter(1))
        await at.until_stored(1)
        await box.until(lambda: meddler.asked[-1] == "IDLE")

        meddler.say(saying)
        await box.deliver(letter(2))
        await at.until_stored(2)

        assert await at.ids() == ids(1, 2)


ANSWERS = {
    "LOGIN, for now": ("LOGIN", b"NO [UNAVAILABLE] later"),
    "LOGIN, plainly": ("LOGIN", b"NO authentication failed"),
    "LOGIN, never": ("LOGIN", None),
    "SELECT, refused": ("SELECT", b"NO not now"),
    "SELECT, never": ("SELECT", None),
    "NOOP, never": ("NOOP", None),
    "UID SEARCH, refused": ("UID SEARCH", b"NO not now"),
    "UID SEARCH, misunderstood": ("UID SEARCH", b"BAD what"),
    "UID SEARCH, never": ("UID SEARCH", None),
    "UID FETCH, refused": ("UID FETCH", b"NO not now"),
    "UID STORE, never": ("UID STORE", None),
}


@pytest.mark.parametrize(("command", "answer"), ANSWERS.values(), ids=ANSWERS)
async def test_a_command_that_fails_for_a_while_turns_it_red_and_green_again(box, meddler, at_work, command, answer):
    async with at_work() as at:
        await box.deliver(letter(1))
        await at.until_stored(1)

        meddler.answers[command] = answer
        meddler.reset()
        await box.deliver(letter(2))
        await box.until(lambda: at.part.last_error not in (None, LOST))
        red = at.part.state
        meddler.answers.clear()
        await at.until_stored(2)
        await box.until(lambda: at.part.state is State.UP)

    assert red is State.DOWN
    assert await at.ids() == ids(1, 2)


async def test_sessions_that_open_and_never_read_do_not_count_as_healthy(box, meddler, at_work):
    async with at_work() as at:
        await box.until(lambda: at.part.state is State.UP)

        meddler.answers["UID SEARCH"] = b"NO not now"
        await box.until(lambda: meddler.asked[-4:].count("UID SEARCH") > 0 and at.part.state is State.DOWN)
        seen = set()
        tries = len(meddler.asked) + 20
        await box.until(lambda: seen.add(at.part.state) or len(meddler.asked) > tries)
        meddler.answers.clear()
        await box.until(lambda: at.part.state is State.UP)

    assert State.UP not in seen


async def test_a_server_that_accepts_connections_and_is_silent_is_tried_until_it_answers(box, meddler, at_work):
    meddler.is_silent = True
    await box.deliver(letter(1))
    async with at_work() as at:
        await box.until(lambda: at.part.state is State.DOWN)

        meddler.is_silent = False
        await at.until_stored(1)
        await box.until(lambda: at.part.state is State.UP)


async def test_a_server_that_is_restarted_is_found_again(box, meddler, at_work):
    async with at_work() as at:
        await box.until(lambda: at.part.state is State.UP)

        await meddler.shut()
        await box.deliver(letter(1))
        await box.until(lambda: "cannot be reached" in str(at.part.last_error))
        await meddler.open()
        await at.until_stored(1)
        await box.until(lambda: at.part.state is State.UP)

    assert await at.ids() == ids(1)


@pytest.mark.parametrize("step", [1, -1])
async def test_an_inbox_that_is_rebuilt_under_an_open_connection_is_read_again(box, at_work, step):
    async with at_work() as at:
        await box.deliver(letter(1))
        await at.until_stored(1)

        await box.rebuild(step, cut=False)
        await box.deliver(letter(2))
        await at.until_stored(2)

    assert await at.ids() == ids(1, 2)


async def test_a_mail_that_is_removed_between_search_and_fetch_keeps_no_other(box, meddler, at_work):
    for number in (1, 2, 3):
        await box.deliver(letter(number))
    first, second, third = await box.flags()
    await box.remove(second)
    meddler.found = f"{first} {second} {third}".encode()

    async with at_work() as at:
        await at.until_stored(2)
        await box.deliver(letter(4))
        await at.until_stored(3)

        assert await at.ids() == ids(1, 3, 4)
        assert at.part.last_error is None


async def test_a_server_that_requires_id_gets_it_before_the_folder_is_opened(box, meddler, at_work):
    meddler.wants_id = True
    await box.deliver(letter(1))

    async with at_work() as at:
        await at.until_stored(1)

        assert at.part.last_error is None
    assert meddler.asked.index("LOGIN") < meddler.asked.index("ID") < meddler.asked.index("SELECT")


@pytest.mark.parametrize("answer", [b"NO never", b"BAD what", None], ids=["refused", "misunderstood", "not answered"])
async def test_a_server_that_rejects_id_is_read_all_the_same(box, meddler, at_work, answer):
    meddler.answers["ID"] = answer
    await box.deliver(letter(1))

    async with at_work() as at:
        await at.until_stored(1)
        await box.until(lambda: at.part.state is State.UP)

        assert at.part.last_error is None
    assert meddler.asked.count("LOGIN") == 1


async def test_id_is_not_sent_to_a_server_without_it(box, meddler, at_work):
    meddler.without.add(b"ID")
    await box.deliver(letter(1))

    async with at_work() as at:
        await at.until_stored(1)

    assert "ID" not in meddler.asked


async def test_a_late_response_to_id_is_dropped(box, meddler, at_work):
    meddler.late = "ID"
    await box.deliver(letter(1))

    async with at_work() as at:
        await at.until_stored(1)
        await box.deliver(letter(2))
        await at.until_stored(2)

        assert at.part.last_error is None


async def test_a_refused_folder_is_reported_with_the_servers_text_without_addresses(box, meddler, at_work):
    meddler.answers["SELECT"] = (
        b"NO SELECT Unsafe\x07 Login. Please contact kefu@mail.example.net for help" + b"!" * 500
    )
    async with at_work() as at:
        with capture_logs() as logs:
            await box.until(lambda: at.part.state is State.DOWN)

    said = (
        "The mail server does not open IMAP_FOLDER; it says: SELECT Unsafe Login. Please contact [address] for help!!"
    )
    assert str(at.part.last_error).startswith(said)
    assert len(str(at.part.last_error)) < 300
    assert "kefu" not in str(logs)
