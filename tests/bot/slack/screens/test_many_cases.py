"""With ten thousand open cases, screens stay within Slack's limits, and need no more queries than with few."""

import logging
from datetime import timedelta

import pytest

from bot.slack import home
from bot.slack.commands import answer, read_command
from bot.slack.screens.limits import broken_limits, broken_view_limits
from casebook import models as tables
from casebook import queries
from casebook.views import Filter
from fixtures.cast import ANNA, BEN
from fixtures.workspace import blockkit

MANY = 10_000
FEW = 20


def fill(count, now):
    """Add open cases of as many customers, with one message each; every tenth is escalated, every third is Anna's."""
    opened = [
        {
            "case_id": f"CASE-{number:04d}",
            "number": number,
            "customer_identifier": f"somebody{number}@customer.example.com",
            "customer_name": "Somebody with quite a long name " * 4,
            "source": "email",
            "subject": "The export is broken & it <must> work " * 6,
            "created_at": now,
            "last_message_at": now,
            "silent_since": now,
            "waiting_since": now - timedelta(minutes=number),
            "message_count": 1,
            "escalated": number % 10 == 0,
            "assigned_to": ANNA.user_id if number % 3 == 0 else BEN.user_id if number % 3 == 1 else None,
        }
        for number in range(1, count + 1)
    ]
    written = [
        {
            "case": case["case_id"],
            "sender": case["customer_identifier"],
            "is_admin": False,
            "kind": "message",
            "standing": "customer",
            "body": "All the details. " * 20,
            "timestamp": now,
            "source": "email",
            "external_id": f"{case['case_id']}@customer.example.com",
        }
        for case in opened
    ]
    with tables.book.atomic():
        for rows, table in ((opened, tables.Case), (written, tables.Message)):
            for start in range(0, count, 500):
                table.insert_many(rows[start : start + 500]).execute()


@pytest.fixture
def statements(caplog):
    """Returns the number of SQL statements since its last call."""
    caplog.set_level(logging.DEBUG, logger="peewee")

    def since_last_call():
        count = sum(record.name == "peewee" for record in caplog.records)
        caplog.clear()
        return count

    return since_last_call


async def test_the_home_tab_with_ten_thousand_cases_needs_no_more_queries_than_with_twenty(at, statements):
    counts = []
    for count in (FEW, MANY):
        await at.context.desk.do(clear)
        await at.context.desk.do(fill, count, at.context.clock.now())
        statements()
        await home.publish(at.context, ANNA.user_id)
        counts.append(statements())
    view = at.slack.home(ANNA)

    assert 0 < counts[0] == counts[1] <= 4
    assert "10000 open" in at.slack.shows(view)
    assert "Page 1 of 1000" in at.slack.shows(view)


@pytest.mark.parametrize("which", Filter)
async def test_every_page_of_every_filter_fits_slack(at, which):
    await at.context.desk.do(fill, 500, at.context.clock.now())
    pages = (await at.context.desk.do(queries.open_cases, which, person=ANNA.user_id)).pages
    for page in {1, 2, pages - 1, pages, pages + 5}:
        await home.publish(at.context, ANNA.user_id, which=which, page=page)
        view = at.slack.home(ANNA)

        assert len(view["blocks"]) <= 100
        assert blockkit.size(view) <= 250_000
        assert broken_view_limits(view) == []
    assert at.slack.refused == []


async def test_lists_of_ten_thousand_cases_need_no_more_queries_than_of_twenty(at, statements):
    counts = []
    for count in (FEW, MANY):
        await at.context.desk.do(clear)
        await at.context.desk.do(fill, count, at.context.clock.now())
        for text in ("status", "list", "list mine 2", "list escalated", "list waiting 2"):
            statements()
            post = await answer(at.context, user_id=ANNA.user_id, typed=read_command(text))
            counts.append(statements())

            assert broken_limits(post.text, post.blocks) == []

    assert counts[:5] == counts[5:]
    assert min(counts) > 0


def clear():
    """Delete all cases."""
    for table in (tables.Message, tables.Case):
        table.delete().execute()
