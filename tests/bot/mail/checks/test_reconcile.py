"""A folder is compared with the ledger: what is missing is found and stored, and nothing else counts as missing."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import Clock
from bot.mail.checks.reconcile import MailComparison
from bot.mail.imap.account import LoginRefusedError
from bot.mail.imap.fetcher import Reader
from bot.mail.imap.session import MailServerError
from bot.mail.worker.job import read
from bot.reports.reconciliation import SETTLED, Gap
from bot.runtime.progress import Progress
from bot.status import Part
from casebook import ledger
from casebook.incoming import Source
from casebook.models import LedgerRow, Message, Position
from casebook.rules import Limits
from fixtures.cast import MAIL_CUSTOMERS
from tests.bot.mail.conftest import RULES

MIA, NOOR, _ = MAIL_CUSTOMERS
UNREADABLE = b"From: nobody at all\r\nSubject: ?\r\nMessage-ID: <unreadable@customer.example.com>\r\n\r\nbroken\r\n"


def mail(number, text="It is empty.", sender=MIA):
    head = f"From: <{sender}>\r\nSubject: Ink\r\nMessage-ID: <{number}@customer.example.com>\r\n"
    return f"{head}\r\n{text}\r\n".encode()


def an_hour_ago():
    return datetime.now(UTC) - timedelta(hours=1)


@pytest.fixture
def comparison(box, account, desk):
    """A comparison of the folder with the ledger."""

    async def read_here(mail):
        return read(mail)

    def build(*, settled=SETTLED, clock=None, **changes):
        clock, login = clock or Clock(), account(box, **changes)
        reader = Reader(
            login,
            RULES,
            desk=desk,
            clock=clock,
            limits=Limits(),
            part=Part("email", clock, up_word="running", down_word="stopped"),
            on_stored=lambda: None,
            count=lambda _source, _outcome: None,
            progress=Progress(clock),
        )
        tools = {"desk": desk, "clock": clock, "progress": Progress(clock), "settled": settled}
        return MailComparison(login, RULES, reader, read_here, **tools, answer_within=2)

    return build


@pytest.fixture
def compare(comparison):
    """Compares the folder with the ledger."""

    async def run(*, mend=False, days=None, **changes):
        return await comparison(**changes).run(mend=mend, days=days)

    return run


@pytest.fixture
def read_by_the_bot(box, listening):
    """The bot reads the folder until the ledger has `rows` rows, and stops."""

    @asynccontextmanager
    async def run(rows):
        async with listening(box) as at:
            yield

            async def enough():
                return len(await at.outcomes()) >= rows

            await at.until(enough)

    return run


def differences(report):
    return [(str(each.gap), each.external_id) for each in report.differences]


async def test_a_healthy_folder_has_nothing_missing_and_quarantined_mail_is_counted(box, compare, read_by_the_bot):
    async with read_by_the_bot(rows=4):
        await box.deliver(mail(1), received_at=an_hour_ago())
        await box.deliver(mail(2, sender=RULES.inbox_address), received_at=an_hour_ago())
        await box.deliver(UNREADABLE, received_at=an_hour_ago())
        await box.deliver(mail(1, "It is another one."), received_at=an_hour_ago())

    report = await compare()

    assert (report.seen, report.stored, report.quarantined, report.just_arrived) == (4, 2, 1, 0)
    assert sum(report.ignored.values()) == 1
    assert report.differences == ()
    assert report.agrees


async def test_mail_that_arrived_while_nobody_read_is_missing_until_it_is_mended(box, compare, read_by_the_bot, desk):
    async with read_by_the_bot(rows=1):
        await box.deliver(mail(1), received_at=an_hour_ago())
    for raw in (mail(2), mail(1, "It is another one."), UNREADABLE, mail(3, "It is full.", NOOR)):
        await box.deliver(raw, received_at=an_hour_ago())

    before = await compare()
    mended = await compare(mend=True)
    after = await compare()

    assert (before.seen, before.stored, before.count(Gap.MISSING), before.agrees) == (5, 1, 4, False)
    assert sorted(differences(before)) == sorted(differences(mended))
    assert [each.received.outcome for each in mended.differences] == ["message", "message", "quarantined", "message"]
    assert mended.agrees
    assert (after.seen, after.stored, after.quarantined, after.differences) == (5, 4, 1, ())
    newest = await desk.do(lambda: Message.select().order_by(Message.id.desc()).get().timestamp)
    assert timedelta(minutes=59) < datetime.now(UTC) - newest < timedelta(minutes=61)
    assert all("\\Seen" in flags for flags in (await box.flags()).values())


async def test_a_lost_ledger_row_is_reported_as_missing(box, compare, read_by_the_bot, desk):
    async with read_by_the_bot(rows=2):
        await box.deliver(mail(1), received_at=an_hour_ago())
        await box.deliver(mail(2), received_at=an_hour_ago())
    await desk.do(LedgerRow.delete().where(LedgerRow.external_id == "2@customer.example.com").execute)

    report = await compare()

    assert differences(report) == [("missing", "2@customer.example.com")]


async def test_mail_that_just_arrived_is_not_missing(box, compare, read_by_the_bot):
    async with read_by_the_bot(rows=1):
        await box.deliver(mail(1))
    await box.deliver(mail(2))

    report = await compare(mend=True)

    assert (report.stored, report.just_arrived, report.differences) == (1, 1, ())


async def test_mail_from_before_the_first_start_is_missing_only_if_it_was_unseen(box, compare, read_by_the_bot, desk):
    await box.deliver(mail(1), seen=True, received_at=an_hour_ago())
    await box.deliver(mail(2), received_at=an_hour_ago())
    async with read_by_the_bot(rows=1):
        pass
    await desk.do(LedgerRow.delete().execute)

    report = await compare()

    assert differences(report) == [("missing", "2@customer.example.com")]


async def test_a_folder_that_was_never_read_is_not_compared(box, compare):
    await box.deliver(mail(1), received_at=an_hour_ago())

    report = await compare()

    assert (report.seen, report.differences) == (0, ())
    assert "never read" in report.notes[0]


async def test_comparing_leaves_the_flags_as_they_are(box, compare, read_by_the_bot):
    async with read_by_the_bot(rows=1):
        await box.deliver(mail(1), received_at=an_hour_ago())
    await box.deliver(mail(2), received_at=an_hour_ago())
    before = await box.flags()

    await compare()

    assert await box.flags() == before


async def test_a_rebuilt_folder_is_compared_from_the_day_of_the_first_start(box, compare, read_by_the_bot):
    async with read_by_the_bot(rows=1):
        await box.deliver(mail(1))
    await box.deliver(mail(2))
    await box.deliver(mail(3), received_at=datetime.now(UTC) - timedelta(days=9))
    await box.rebuild()

    report = await compare(settled=timedelta())

    assert report.stored == 1
    assert differences(report) == [("missing", "2@customer.example.com")]


async def test_only_the_given_number_of_days_is_compared(box, compare, read_by_the_bot):
    async with read_by_the_bot(rows=1):
        await box.deliver(mail(1), received_at=an_hour_ago())
    await box.deliver(mail(2), received_at=datetime.now(UTC) - timedelta(days=9))

    report = await compare(days=3)

    assert (report.seen, report.differences) == (1, ())


async def test_two_comparisons_that_mend_at_once_store_each_mail_once(box, compare, read_by_the_bot, desk):
    async with read_by_the_bot(rows=1):
        await box.deliver(mail(1), received_at=an_hour_ago())
    for number in range(2, 8):
        await box.deliver(mail(number), received_at=an_hour_ago())

    reports = await asyncio.gather(compare(mend=True), compare(mend=True))

    assert all(report.agrees for report in reports)
    assert await desk.do(lambda: Message.select().count()) == 7


async def test_what_was_found_before_the_connection_broke_is_reported(box, comparison, read_by_the_bot):
    async with read_by_the_bot(rows=1):
        await box.deliver(mail(1), received_at=an_hour_ago())
    for number in range(2, 103):
        await box.deliver(mail(number), received_at=an_hour_ago())

    class Cutting(Clock):
        """Cuts the connection after 60 reads of the clock, when some emails have been compared."""

        looks = 0

        def now(self):
            self.looks += 1
            if self.looks == 60:
                box.cut()
            return super().now()

    comparing = comparison(clock=Cutting())

    with pytest.raises(MailServerError) as raised:
        await comparing.run(mend=False, days=None)

    report = comparing.tally.report(raised.value)
    assert (report.stored, report.permanent, report.agrees) == (1, False, False)
    assert report.count(Gap.MISSING) in (50, 100)
    assert "connection" in report.error


async def test_a_mail_that_the_server_never_delivers_counts_as_quarantined_once_the_bot_gave_up(
    box, compare, read_by_the_bot, desk
):
    async with read_by_the_bot(rows=1):
        await box.deliver(mail(1), received_at=an_hour_ago())
    await box.deliver(mail(2), received_at=an_hour_ago())
    missing = await compare()
    (validity,) = await desk.do(lambda: [row.value.split()[0] for row in Position.select().limit(1)])
    name = f"imap:{validity}:{max(await box.flags())}"
    given_up = {"source": Source.EMAIL, "external_id": name, "raw": b"", "reason": "it does not come"}
    await desk.do(ledger.quarantine, now=datetime.now(UTC), **given_up)

    report = await compare()

    assert missing.count(Gap.MISSING) == 1
    assert (report.quarantined, report.differences) == (1, ())


async def test_a_refused_login_raises_an_error(box, compare):
    with pytest.raises(LoginRefusedError):
        await compare(password="battery staple")
