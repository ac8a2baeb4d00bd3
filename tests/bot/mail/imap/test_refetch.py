"""A mail that the server lists and does not deliver is never skipped, and no other mail waits for it."""

import pytest

from bot.mail.imap.undeliverable import LONG
from bot.status import State
from casebook.admin.quarantine import held
from casebook.ledger import position
from casebook.models import Notice
from fixtures.mailbox.meddler import Meddler, Omission
from tests.bot.mail.test_inbox import ids, letter

SIZES, BYTES = b"RFC822.SIZE", b"BODY["
EVER = 1_000_000


@pytest.fixture
async def meddler(box):
    async with Meddler.before(box.imap_port) as meddler:
        yield meddler


@pytest.fixture
def at_work(box, meddler, listening):
    """An inbox that is connected through the meddler."""
    return lambda **changes: listening(box, port=meddler.port, **{"idle_seconds": 0.1} | changes)


async def reasons(at) -> list[str]:
    return [item.reason for item in await at.desk.do(held)]


async def pending(at) -> list[int]:
    """The pending UIDs in the database."""
    kept = await at.desk.do(position, f"mail:{at.box.user}/INBOX")
    return [int(uid) for uid in str(kept).split()[3:]]


async def told(at) -> list[str]:
    """The notices for the log channel."""
    return await at.desk.do(lambda: [str(row.payload) for row in Notice.select().where(Notice.kind == "log")])


@pytest.mark.parametrize("item", [SIZES, BYTES])
async def test_a_mail_that_is_left_out_once_comes_later_and_the_others_do_not_wait(box, meddler, at_work, item):
    uids = [await box.deliver(letter(number)) for number in (1, 2, 3)]
    meddler.left_out[uids[1]] = Omission(1, item)

    async with at_work() as at:
        await at.until_stored(3)
        await box.deliver(letter(4))
        await at.until_stored(4)

        assert await at.ids() == ids(1, 3, 2, 4)
        assert await pending(at) == []
        assert at.part.last_error is None
    assert await at.outcomes() == ["message"] * 4


@pytest.mark.parametrize("item", [SIZES, BYTES])
async def test_a_mail_that_is_never_delivered_gets_its_row_and_is_reported_once(box, meddler, at_work, item):
    uids = [await box.deliver(letter(number)) for number in (1, 2, 3)]
    meddler.left_out[uids[1]] = Omission(EVER, item)

    async with at_work() as at:
        await at.until_stored(2)
        await at.until(lambda: in_quarantine(at))
        await box.deliver(letter(4))
        await at.until_stored(3)
        asked = meddler.asked.count("UID FETCH")

        assert await at.ids() == ids(1, 3, 4)
        assert await reasons(at) == [
            f"The mail server lists it as UID {uids[1]} and failed to deliver it, again and again."
        ]
        assert len(await told(at)) == 1
        assert await pending(at) == []
        assert at.part.state is State.UP
        assert at.part.last_error is None
    assert EVER - meddler.left_out[uids[1]].times == 3
    assert asked < 20


async def in_quarantine(at) -> bool:
    return bool(await reasons(at))


async def test_the_newest_mail_that_is_left_out_is_known_to_the_book_and_to_a_restart(box, meddler, at_work):
    first = await box.deliver(letter(1))
    second = await box.deliver(letter(2), seen=True)
    meddler.left_out[first] = meddler.left_out[second] = Omission(EVER)

    async with at_work() as at:
        await at.until(lambda: is_pending(at, first))
        third = await box.deliver(letter(3), seen=True)
        await at.until_stored(1)
        before = await pending(at)
    meddler.left_out.clear()
    async with at_work() as at:
        await at.until_stored(2)
        after = await pending(at)

    assert first in before
    assert third not in before
    assert after == []
    assert sorted(await at.ids()) == ids(1, 3)


async def is_pending(at, uid) -> bool:
    return uid in await pending(at)


async def test_a_server_that_delivers_nothing_makes_no_mail_hopeless_and_is_reported(box, meddler, at_work):
    uids = [await box.deliver(letter(number)) for number in (1, 2)]
    for uid in uids:
        meddler.left_out[uid] = Omission(EVER)

    async with at_work(again_after=0.001) as at:
        await box.until(lambda: EVER - meddler.left_out[uids[0]].times > LONG)
        outcomes, lines = await at.outcomes(), await told(at)
        meddler.left_out.clear()
        await at.until_stored(2)

    assert outcomes == []
    assert 1 <= len(lines) <= 2
    assert "lists mail that it does not deliver" in lines[0]
    assert sorted(await at.ids()) == ids(1, 2)


async def test_a_mail_that_is_left_out_is_not_asked_for_in_a_loop(box, meddler, at_work):
    first = await box.deliver(letter(1))
    meddler.left_out[first] = Omission(EVER)

    async with at_work(again_after=1000) as at:
        for number in range(2, 8):
            await box.deliver(letter(number))
            await at.until_stored(number - 1)

    assert EVER - meddler.left_out[first].times == 1


async def test_a_mail_that_was_left_out_and_then_removed_is_waited_for_no_more(box, meddler, at_work):
    first = await box.deliver(letter(1))
    meddler.left_out[first] = Omission(EVER)

    async with at_work() as at:
        await at.until(lambda: is_pending(at, first))
        await box.remove(first)
        await at.until(lambda: nothing_pending(at))
        await box.deliver(letter(2))
        await at.until_stored(1)

        assert await at.outcomes() == ["message"]
        assert at.part.last_error is None


async def nothing_pending(at) -> bool:
    return await pending(at) == []


@pytest.mark.parametrize("nothing", [b"{0}\r\n", b"NIL", b'""'], ids=["literal", "NIL", "string"])
async def test_a_mail_that_is_delivered_empty_is_quarantined_at_once_and_reported(box, meddler, at_work, nothing):
    uids = [await box.deliver(letter(number)) for number in (1, 2, 3, 4)]
    meddler.emptied[uids[1]] = meddler.emptied[uids[2]] = nothing

    async with at_work() as at:
        await at.until_stored(2)
        await box.deliver(letter(5))
        await at.until_stored(3)

        assert await at.outcomes() == ["message", "quarantined", "quarantined", "message", "message"]
        assert await reasons(at) == [
            f"The mail server lists it as UID {uid} and delivers not a single byte of it." for uid in uids[1:3]
        ]
        assert len(await told(at)) == 2
        assert await pending(at) == []
        assert at.part.last_error is None
