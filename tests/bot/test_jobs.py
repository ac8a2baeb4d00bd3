"""The periodic jobs."""

from datetime import UTC, datetime, timedelta

from bot.clock import Clock
from bot.desk import Desk
from bot.jobs import Jobs
from bot.status import State, Status
from casebook import cases, database, ledger, notices, queries
from casebook.incoming import Incoming, Source, Standing
from casebook.rules import Limits


class Scene:
    """Jobs on a database with one case, and a clock that can be advanced."""

    def __init__(self, url):
        self.clock = Clock()
        self.desk = Desk(url)
        self.status = Status(self.clock)
        self.woken = 0
        self.jobs = Jobs(
            desk=self.desk,
            clock=self.clock,
            limits=Limits(),
            part=self.status.scheduler,
            check_seconds=0.001,
            on_due=self.wake,
        )

    def wake(self):
        """Store a message."""
        self.woken += 1

    async def a_customer_writes(self):
        """Open a case now."""
        now = self.clock.now()
        message = Incoming(
            source=Source.EMAIL,
            external_id="one@customer.example.com",
            sender="mia@customer.example.com",
            standing=Standing.CUSTOMER,
            timestamp=now,
            body="Hello",
            new_text="Hello",
        )
        await self.desk.do(cases.receive, message, now=now, limits=Limits())

    async def step_until(self, condition):
        """Run steps until a condition holds; the jobs are due every millisecond."""
        for _ in range(2000):
            await self.jobs.step()
            if await condition():
                return
        raise AssertionError("it never came about")


async def test_a_case_that_was_silent_for_too_long_is_escalated_and_the_courier_woken(sqlite_url):
    scene = Scene(sqlite_url)
    await scene.a_customer_writes()
    await scene.jobs.step()
    woken_before = scene.woken

    scene.clock.push(timedelta(hours=49))

    async def escalated():
        line = await scene.desk.do(queries.line, "CASE-0001")
        return line.escalated

    await scene.step_until(escalated)
    await scene.desk.close()
    assert woken_before == 0
    assert scene.woken == 1
    assert scene.status.scheduler.state is State.UP


async def test_notices_that_were_sent_long_ago_are_removed_at_the_start(sqlite_url):
    scene = Scene(sqlite_url)
    await scene.a_customer_writes()
    claimed = await scene.desk.do(notices.claim, "support", now=scene.clock.now())
    await scene.desk.do(notices.mark_sent, claimed, channel="C1", ts="1.1", now=scene.clock.now())
    scene.clock.push(timedelta(days=31))

    await scene.jobs.prune()

    assert await scene.desk.do(notices.prune, now=scene.clock.now()) == 0
    await scene.desk.close()


async def test_a_job_that_fails_is_reported_and_run_again(tmp_path):
    folder = tmp_path / "later"
    scene = Scene(f"sqlite:///{folder / 'casebook.db'}")
    await scene.jobs.step()
    failed = scene.status.scheduler.state

    folder.mkdir()
    await scene.desk.do(database.migrate)
    await scene.jobs.step()

    await scene.desk.close()
    assert failed is State.DOWN
    assert scene.status.scheduler.state is State.UP


async def test_what_was_put_into_the_outbox_before_the_clock_was_set_back_is_due_again(sqlite_url):
    scene = Scene(sqlite_url)
    scene.clock.push(timedelta(hours=1))
    await scene.a_customer_writes()
    scene.clock.push(-timedelta(hours=1))

    await scene.jobs.bring_forward()

    assert await scene.desk.do(notices.lanes_due, now=scene.clock.now()) == (notices.SUPPORT,)
    assert scene.woken == 1
    await scene.desk.close()


async def test_a_reply_without_its_thread_is_handled_by_the_silence_check(sqlite_url):
    scene = Scene(sqlite_url)
    reply = Incoming(
        source=Source.SLACK,
        external_id="T:C:1.000002",
        sender="U0ANNA001",
        standing=Standing.ADMIN,
        timestamp=datetime.fromtimestamp(1.000002, UTC),
        body="hm",
        place="C",
        thread="1.000001",
        conversation=("T:C:1.000001",),
    )
    early = await scene.desk.do(cases.receive, reply, now=scene.clock.now(), limits=Limits())
    scene.clock.push(timedelta(minutes=11))

    await scene.jobs.check_silence()

    row = await scene.desk.do(ledger.find, Source.SLACK, "T:C:1.000002")
    assert early.reason == "it waits for the first message of its thread"
    assert row is not None
    assert row.reason == "an admin's message that belongs to no case"
    await scene.desk.close()
