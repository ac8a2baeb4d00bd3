"""The queries for screens and commands: current values, in the order of need."""

from dataclasses import is_dataclass, replace

import pytest

from casebook import database, queries
from casebook.incoming import Standing
from casebook.models import Case
from casebook.rules import Reason, ReasonKind
from casebook.views import Filter
from fixtures.cast import ANNA, BEN, DORA, EMIL, FAYE, MAIL_CUSTOMERS


def names(page):
    return [line.case_id for line in page.lines]


def five_cases(book):
    """Two wait, one was answered, one is escalated, one is closed; none is in the order of its number."""
    answered = book.customer("answered", DORA.user_id, at=book.minutes(1))
    book.customer("waits shortly", EMIL.user_id, at=book.minutes(9))
    book.customer("waits for long", FAYE.user_id, at=book.minutes(2))
    book.mail("urgent", MAIL_CUSTOMERS[0], at=book.minutes(10))
    closed = book.mail("closed", MAIL_CUSTOMERS[1], at=book.minutes(3))
    book.admin(under=answered, at=book.minutes(11))
    book.close(closed.case_id)


def test_open_cases_are_ordered_by_need(book):
    five_cases(book)

    page = queries.open_cases()

    assert names(page) == ["CASE-0004", "CASE-0003", "CASE-0002", "CASE-0001"]


def test_the_escalated_case_that_waits_longest_comes_first(book):
    book.customer("urgent", DORA.user_id, at=book.minutes(9))
    book.customer("urgent", EMIL.user_id, at=book.minutes(2))
    book.customer("waits longest", FAYE.user_id, at=book.minutes(1))

    assert names(queries.open_cases()) == ["CASE-0002", "CASE-0001", "CASE-0003"]


def test_among_cases_that_do_not_wait_the_latest_comes_first(book):
    for sender in (DORA, EMIL):
        book.admin(under=book.customer(sender=sender.user_id))

    assert names(queries.open_cases()) == ["CASE-0002", "CASE-0001"]


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (Filter.ALL, ["CASE-0004", "CASE-0003", "CASE-0002", "CASE-0001"]),
        (Filter.MINE, ["CASE-0002"]),
        (Filter.UNASSIGNED, ["CASE-0004", "CASE-0003"]),
        (Filter.ESCALATED, ["CASE-0004"]),
        (Filter.WAITING, ["CASE-0004", "CASE-0003", "CASE-0002"]),
    ],
)
def test_a_list_shows_the_cases_of_its_filter(book, which, expected):
    five_cases(book)
    Case.update(assigned_to=ANNA.user_id).where(Case.case_id == "CASE-0002").execute()
    Case.update(assigned_to=BEN.user_id).where(Case.case_id == "CASE-0001").execute()

    page = queries.open_cases(which, person=ANNA.user_id)

    assert (names(page), page.total) == (expected, len(expected))


@pytest.mark.parametrize(
    ("page", "shown", "expected"),
    [
        (1, 1, ["CASE-0001", "CASE-0002"]),
        (2, 2, ["CASE-0003", "CASE-0004"]),
        (3, 3, ["CASE-0005"]),
        (9, 3, ["CASE-0005"]),
        (0, 1, ["CASE-0001", "CASE-0002"]),
        (-3, 1, ["CASE-0001", "CASE-0002"]),
    ],
)
def test_a_list_comes_in_pages(book, page, shown, expected):
    for number in range(5):
        book.customer(sender=f"U0{number:07d}")

    found = queries.open_cases(page=page, size=2)

    assert (names(found), found.page, found.pages, found.total) == (expected, shown, 3, 5)


def test_an_empty_list_has_one_empty_page(book):
    page = queries.open_cases()

    assert (page.lines, page.page, page.pages, page.total) == ((), 1, 1, 0)


def test_a_line_has_every_value_that_a_list_shows(book):
    received = book.mail("It hums.", MAIL_CUSTOMERS[0], subject="Printer", sender_name="Mia", at=book.minutes(1))
    book.mail("Hello?", MAIL_CUSTOMERS[0], at=book.minutes(2))

    line = queries.line(received.case_id)

    assert (line.case_id, line.customer, line.customer_name) == ("CASE-0001", MAIL_CUSTOMERS[0], "Mia")
    assert (line.source, line.subject, line.preview, line.status) == ("email", "Printer", "It hums.", "open")
    assert (line.created_at, line.last_message_at, line.waiting_since) == (
        book.minutes(1), book.minutes(2), book.minutes(1),
    )  # fmt: skip
    assert (line.message_count, line.escalated, line.assigned_to) == (2, False, None)


def test_the_preview_is_the_beginning_of_the_new_text(book):
    received = book.mail("new\n> quoted", new_text="new" + "!" * 400)

    assert queries.line(received.case_id).preview == "new" + "!" * 297


def test_the_preview_follows_an_edit_and_a_deletion(book):
    incoming = book.message("one")
    received = book.receive(incoming)

    book.edit(incoming, "two")
    edited = queries.line(received.case_id).preview
    book.delete(incoming)

    assert (edited, queries.line(received.case_id).preview) == ("two", "")


def test_a_missing_case_is_none(book):
    assert queries.line("CASE-0404") is None
    assert queries.card("CASE-0404") is None
    assert queries.history("CASE-0404") is None
    assert queries.post_of("card:CASE-0404") is None


def test_a_customer_sees_only_their_open_case(book):
    first = book.customer()
    book.close(first.case_id, book.minutes(2))
    second = book.customer()
    book.customer(sender=EMIL.user_id)

    assert queries.line_of(DORA.user_id).case_id == second.case_id
    assert queries.line_of(FAYE.user_id) is None


def test_all_cases_are_the_newest_with_the_newest_last(book):
    five_cases(book)

    assert [line.case_id for line in queries.all_cases(limit=3)] == ["CASE-0003", "CASE-0004", "CASE-0005"]
    assert {line.status for line in queries.all_cases()} == {"open", "closed"}


def test_a_card_shows_the_first_and_the_last_message_without_notes(book):
    first = book.customer("first", at=book.minutes(1))
    book.customer("last", at=book.minutes(5))
    book.receive(book.message("between", at=book.minutes(3)), now=book.minutes(6))
    book.note("a note", cases_named=(1,), at=book.minutes(7))

    card = queries.card(first.case_id)

    assert (card.first.text, card.last.text) == ("first", "last")
    assert (card.card, card.reasons, card.closed_at, card.follows) == (None, (), None, None)


def test_a_card_has_the_reasons_of_the_current_episode(book):
    first = book.customer("urgent")
    book.admin(under=first)
    calm = queries.card(first.case_id).reasons
    book.customer("critical")

    assert calm == ()
    assert queries.card(first.case_id).reasons == (Reason(ReasonKind.KEYWORDS, 'says "critical"'),)


def test_a_card_has_its_post_and_how_its_case_was_closed(book):
    first = book.customer()
    book.say_all()
    book.close(first.case_id)
    second = book.customer("it is back", under=first)

    card = queries.card(first.case_id)

    assert card.card == ("C0SUPPORT", book.card_of(first.case_id))
    assert (card.line.status, card.closed_at, card.closed_by) == ("closed", book.hours(1), ANNA.user_id)
    assert queries.card(second.case_id).follows == first.case_id


def test_a_message_is_returned_with_its_standing(book):
    first = book.customer("It hums.\n> why?", new_text="It hums.", sender_name="Dora Demo")
    answer = book.admin(under=first)
    noted = book.note(cases_named=(1,), cut=True)

    shown = queries.messages([book.stored(one).id for one in (noted, first, answer)])

    assert [view.sender for view in shown] == [DORA.user_id, ANNA.user_id, ANNA.user_id]
    assert [(view.is_admin, view.is_note, view.cut) for view in shown] == [
        (False, False, False), (True, False, False), (True, True, True),
    ]  # fmt: skip
    assert (shown[0].text, shown[0].body) == ("It hums.", "It hums.\n> why?")
    assert (shown[0].sender_name, shown[0].standing) == ("Dora Demo", Standing.CUSTOMER)


def test_the_messages_of_a_joined_post_are_found_by_the_post(book):
    book.customer()
    book.say_all()
    for text in ("one", "two"):
        book.customer(text)
    book.sent(claimed := book.claim())

    channel, ts = queries.post_of(claimed.items[0].target)

    assert [view.text for view in queries.messages_in_post(channel, ts)] == ["one", "two"]
    assert queries.messages_in_post("C0SUPPORT", book.card_of("CASE-0001")) == ()


def test_an_alert_has_its_episodes(book):
    first = book.customer("urgent", at=book.minutes(1))
    (episode,) = book.episodes(first.case_id)
    before = queries.episodes(episode.alert)

    book.admin(under=first, at=book.minutes(5))
    (after,) = queries.episodes(episode.alert)

    assert [view.ended_at for view in before] == [None]
    assert (after.line.case_id, after.reasons) == (first.case_id, (Reason(ReasonKind.KEYWORDS, 'says "urgent"'),))
    assert (after.started_at, after.ended_at, after.ended_by) == (book.minutes(1), book.minutes(5), ANNA.user_id)
    assert queries.episodes("no such alert") == ()


def test_a_shared_alert_has_all_its_episodes(book):
    for number in range(11):
        book.customer(sender=f"U0{number:07d}", at=book.noon)
    book.check_silence(book.hours(49))
    (episode,) = book.episodes("CASE-0007")

    assert [view.line.case_id for view in queries.episodes(episode.alert)] == [
        f"CASE-{number:04d}" for number in range(1, 12)
    ]


def test_a_history_has_the_latest_entries_the_oldest_first(book):
    first = book.customer("message 0")
    for number in range(1, 5):
        book.customer(f"message {number}")
    book.close(first.case_id)

    history = queries.history(first.case_id, latest=2)

    assert [view.text for view in history.messages] == ["message 3", "message 4"]
    assert [(line.kind, line.actor) for line in history.events] == [
        ("episode ended", ANNA.user_id),
        ("closed", ANNA.user_id),
    ]


def test_queries_return_values_that_need_no_database(book):
    first = book.customer("urgent")

    found = database.work(lambda: (queries.card(first.case_id), queries.history(first.case_id), queries.open_cases()))
    database.close()

    assert all(is_dataclass(value) for value in found)
    assert replace(found[0].line) == found[2].lines[0] == found[1].card.line
