"""Advisory locks on a real PostgreSQL."""

import asyncio
import time
from pathlib import Path

import psycopg
import pytest

from casebook.admin import advisory_locks
from casebook.errors import DatabaseUnavailableError, LeadershipLostError, PoolerError
from fixtures.pooler import Pooler


def lock(url, name="inbox"):
    taken = advisory_locks.lock(url, name)
    assert taken is not None
    return taken


def pooled(url, pooler):
    """The same database through the stand-in pooler."""
    return url.replace("postgres:@/", f"postgres:@127.0.0.1:{pooler.port}/").partition("?")[0]


def socket_of(url):
    return str(Path(url.partition("host=")[2]) / ".s.PGSQL.5432")


def takes_soon(one, within=10.0):
    """Whether a lock that was released can be taken; the server frees it a moment after its holder has disconnected."""
    deadline = time.monotonic() + within
    while not (taken := one.take()) and time.monotonic() < deadline:
        pass
    return taken


def test_one_session_holds_the_lock_until_it_is_released(postgresql):
    url = postgresql()
    first, second = lock(url), lock(url)

    had = first.take(), second.take(), second.take()
    first.check()
    first.release()

    assert had == (True, False, False)
    assert takes_soon(second)
    second.release()


def test_locks_of_other_names_and_databases_are_independent(postgresql):
    url = postgresql()
    locks = [lock(url, "inbox"), lock(url, "jobs"), lock(postgresql(), "inbox")]

    assert [each.take() for each in locks] == [True, True, True]
    for each in locks:
        each.release()


def test_two_schemas_of_one_database_have_locks_of_their_own(postgresql):
    url = postgresql()
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("CREATE SCHEMA other")
    ours, theirs = lock(url), lock(f"{url}&options=-csearch_path%3Dother")

    assert ours.take()
    assert theirs.take()
    ours.release()
    theirs.release()


def test_a_holder_whose_connection_is_terminated_notices_and_the_lock_is_free(postgresql):
    url = postgresql()
    holder, heir = lock(url), lock(url)
    holder.take()
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted")

    with pytest.raises(DatabaseUnavailableError):
        holder.check()

    assert takes_soon(heir)
    heir.release()


def test_the_server_ends_the_session_of_a_silent_holder(postgresql):
    url = postgresql()
    holder = lock(url)
    holder.take()

    (shown,) = holder._query("SELECT current_setting('idle_session_timeout')")

    assert shown == f"{advisory_locks.SILENCE_SECONDS}s"
    holder.release()


def test_sqlite_needs_no_lock(sqlite_url):
    advisory_locks.refuse_pooler(sqlite_url)

    assert advisory_locks.lock(sqlite_url, "inbox") is None


async def test_a_transaction_pooler_is_refused(postgresql):
    url = postgresql()
    async with Pooler.before(socket_of(url)) as pooler:
        with pytest.raises(PoolerError, match="DATABASE_URL must name PostgreSQL itself"):
            await asyncio.to_thread(advisory_locks.refuse_pooler, pooled(url, pooler))


async def test_a_lock_is_lost_when_its_backend_changes(postgresql):
    url = postgresql()
    async with Pooler.before(socket_of(url)) as pooler:
        holder = lock(pooled(url, pooler))
        await asyncio.to_thread(holder.take)
        busy = await psycopg.AsyncConnection.connect(pooled(url, pooler))
        await busy.execute("SELECT 1")  # its transaction uses the backend that the holder has left

        with pytest.raises(LeadershipLostError):
            await asyncio.to_thread(holder.check)
        await busy.close()


async def test_a_session_pooler_is_accepted(postgresql):
    url = postgresql()
    async with Pooler.before(socket_of(url), sessions=True) as pooler:
        holder, other = lock(pooled(url, pooler)), lock(pooled(url, pooler))

        await asyncio.to_thread(advisory_locks.refuse_pooler, pooled(url, pooler))
        had = await asyncio.to_thread(holder.take), await asyncio.to_thread(other.take)
        await asyncio.to_thread(holder.check)

        assert had == (True, False)
        holder.release()
        other.release()


def test_an_unreachable_server_raises_an_error():
    nowhere = "postgresql://casebook:swordfish@127.0.0.1:1/book"

    with pytest.raises(DatabaseUnavailableError, match="does not answer") as caught:
        lock(nowhere).take()
    with pytest.raises(DatabaseUnavailableError):
        advisory_locks.refuse_pooler(nowhere)

    assert "swordfish" not in str(caught.value)
