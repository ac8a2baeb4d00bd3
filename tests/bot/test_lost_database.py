"""The desk with a database that is silent, disconnected, or whose answer to a commit is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.desk import Desk
from casebook import cases, database, models, notices
from casebook.errors import CaseClosedError, DatabaseUnavailableError
from casebook.incoming import Incoming, Source, Standing
from casebook.rules import Limits
from fixtures.cast import ANNA, DORA, SHARED
from fixtures.line import Line

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MESSAGE = Incoming(
    source=Source.SLACK,
    external_id="T:C:1",
    sender=DORA.user_id,
    standing=Standing.CUSTOMER,
    timestamp=NOON,
    body="It does not work",
    new_text="It does not work",
    place=SHARED.channel_id,
    thread="1",
)


@asynccontextmanager
async def desk_behind_a_line(url: str, **options: float) -> AsyncIterator[tuple[Desk, Line]]:
    """A desk that reaches PostgreSQL through a connection which the test controls."""
    parts = urlsplit(url)
    (folder,) = parse_qs(parts.query)["host"]
    async with Line.to(f"{folder}/.s.PGSQL.5432") as line:
        desk = Desk(f"postgresql://{parts.username}@127.0.0.1:{line.port}{parts.path}?connect_timeout=2", **options)
        try:
            yield desk, line
        finally:
            await desk.close(0.5)


def receive():
    return cases.receive(MESSAGE, now=NOON, limits=Limits())


def close():
    return cases.close_case("CASE-0001", by=ANNA.user_id, now=NOON, limits=Limits())


async def test_closing_a_case_is_not_repeated_when_the_answer_to_its_commit_is_lost(postgresql):
    async with desk_behind_a_line(postgresql()) as (desk, line):
        await desk.do(receive)
        line.lose_answer(b"COMMIT")

        change = await desk.do(close)

        assert change.case_id == "CASE-0001"
        assert line.connections == 2
        with pytest.raises(CaseClosedError):
            await desk.do(close)


async def test_a_claim_whose_answer_was_lost_returns_what_was_claimed(postgresql):
    async with desk_behind_a_line(postgresql()) as (desk, line):
        await desk.do(receive)
        line.lose_answer(b"COMMIT")

        claimed = await desk.do(notices.claim, notices.SUPPORT, now=NOON)

        assert claimed is not None
        assert await desk.do(notices.claim, notices.SUPPORT, now=NOON) is None


async def test_an_operation_is_repeated_when_the_connection_is_lost_before_the_commit(postgresql):
    async with desk_behind_a_line(postgresql()) as (desk, line):
        await desk.do(receive)

        line.cut()

        assert (await desk.do(close)).case_id == "CASE-0001"
        assert line.connections == 2


async def test_a_silent_database_fails_all_queued_operations_in_time_and_works_again_later(postgresql):
    async with desk_behind_a_line(postgresql(), patience=0.4) as (desk, line):
        await desk.do(receive)
        line.blackhole()

        async with asyncio.timeout(5):
            told = await asyncio.gather(*(desk.do(database.ping) for _ in range(50)), return_exceptions=True)
        line.mend()
        async with asyncio.timeout(5):
            await desk.do(close)

        assert {type(each) for each in told} == {DatabaseUnavailableError}
        assert line.connections == 3


async def test_an_operation_without_a_time_limit_is_not_cut_off(postgresql):
    async with desk_behind_a_line(postgresql(), patience=0.1) as (desk, line):
        waited = await desk.do_unhurried(lambda: models.book.execute_sql("SELECT pg_sleep(0.5)::text").fetchone())

        assert waited == ("",)
        assert line.connections == 1


async def test_closing_does_not_wait_for_a_database_that_is_silent(postgresql):
    async with desk_behind_a_line(postgresql(), patience=60) as (desk, line):
        await desk.do(receive)
        line.blackhole()
        waiting = asyncio.create_task(desk.do(close))

        async with asyncio.timeout(5):
            await desk.close(0.2)

        waiting.cancel()
