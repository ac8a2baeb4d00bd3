"""Episodes: when a case is escalated, once for each, why, and what ends it."""

import pytest

from casebook import database, escalation
from casebook.incoming import Standing
from casebook.models import Episode
from casebook.rules import Limits
from fixtures.cast import ANNA, DORA, EMIL

FOLLOW_UPS = ("follow-ups", "fourth message since 2026-03-02 12:01 UTC without an answer")


def customers(book, count, at):
    """So many customers who all wrote at the same time; their cases."""
    return [book.customer(sender=f"U0{number:07d}", at=at).case_id for number in range(count)]


# Follow-ups


def test_the_third_message_does_not_escalate_and_the_fourth_does(book):
    received = [book.customer(f"message {number}") for number in range(1, 6)]

    assert [one.escalated for one in received] == [False, False, False, True, False]
    assert book.reasons(received[0].case_id) == [FOLLOW_UPS]
    assert len(book.episodes(received[0].case_id)) == 1


def test_an_answer_starts_the_count_anew(book):
    first = book.customer()
    book.customer("two")
    book.customer("three")
    book.admin(under=first)

    escalated = [book.customer(f"after the answer {number}").escalated for number in range(4)]

    assert escalated == [False, False, False, True]


def test_notes_and_automatic_mail_do_not_interrupt_follow_ups(book):
    mail = book.mail("one")
    for text in ("two", "three"):
        book.mail(text)
        book.mail("away", standing=Standing.AUTOMATIC, under=mail)
        book.note(cases_named=(1,))

    assert book.mail("four").escalated


def test_everybodys_messages_count_in_the_case(book):
    first = book.customer(sender=DORA.user_id)
    book.customer("me too", EMIL.user_id, under=first)
    book.customer("and again", EMIL.user_id, under=first)

    assert book.customer("hello?", DORA.user_id).escalated


def test_the_operator_chooses_how_many_follow_ups(book):
    book.limits = Limits(follow_ups=1)

    assert [book.customer().escalated for _ in range(2)] == [False, True]


# Keywords


def test_an_urgent_message_escalates_at_once(book):
    received = book.customer("This is URGENT")

    assert received.escalated
    assert book.case(received.case_id).escalated
    assert book.reasons(received.case_id) == [("keywords", 'says "urgent"')]


def test_urgent_words_in_quotes_do_not_count(book):
    received = book.mail("Thanks!\n> This is urgent", new_text="Thanks!")

    assert not received.escalated


@pytest.mark.parametrize("text", ["insurgent", "> urgent"])
def test_text_that_only_looks_urgent_does_not_count(book, text):
    assert not book.customer(text).escalated


def test_the_subject_of_a_cases_first_mail_counts(book):
    first = book.mail(subject="Urgent: printer")

    assert first.escalated


def test_the_subject_of_later_mails_does_not_count(book):
    first = book.mail(subject="Printer")

    assert not book.mail("And now?", subject="URGENT: Printer").escalated
    assert not book.mail("Reply", subject="Re: emergency", under=first).escalated


def test_the_subject_of_a_new_case_of_a_known_customer_counts(book):
    first = book.mail(subject="Printer")
    book.close(first.case_id, book.minutes(2))

    assert book.mail(subject="Emergency: printer").escalated


def test_an_admins_urgency_does_not_escalate(book):
    first = book.customer()

    answer = book.admin("I know that it is urgent", under=first)
    noted = book.note("urgent!", cases_named=(1,))

    assert (answer.escalated, noted.escalated) == (False, False)


def test_the_operator_chooses_the_keywords(book):
    book.limits = Limits(keywords=("outage",))

    assert not book.customer("urgent").escalated
    assert book.customer("OUTAGE").escalated


# Silence


def test_silence_is_due_only_after_more_than_the_limit(book):
    first = book.customer(at=book.noon)

    exactly = book.check_silence(book.hours(48))
    more = book.check_silence(book.hours(48) + database_second())

    assert (exactly, more) == ((), (first.case_id,))


def database_second():
    return escalation.datetime.resolution * 1_000_000


def test_silence_counts_from_the_last_message_whoever_wrote_it(book):
    first = book.customer(at=book.noon)
    book.admin(under=first, at=book.hours(10))

    assert book.check_silence(book.hours(58)) == ()
    assert book.check_silence(book.hours(58.01)) == (first.case_id,)


def test_the_reason_says_that_the_customer_waits(book):
    first = book.customer(at=book.noon)

    book.check_silence(book.hours(49.5))

    assert book.reasons(first.case_id) == [("silence", "waiting for our answer for 49 h")]


def test_the_reason_says_that_the_case_is_quiet(book):
    first = book.customer(at=book.noon)
    book.admin(under=first, at=book.hours(1))

    book.check_silence(book.hours(50))

    assert book.reasons(first.case_id) == [("silence", "quiet for 49 h since our answer")]


def test_silence_after_our_answer_can_be_ignored(book):
    book.limits = Limits(quiet=False)
    answered, waiting = book.customer(at=book.noon), book.customer(sender=EMIL.user_id, at=book.noon)
    book.admin(under=answered, at=book.hours(1))

    assert book.check_silence(book.hours(100)) == (waiting.case_id,)


def test_notes_and_automatic_mail_do_not_end_the_silence(book):
    first = book.mail(at=book.noon)
    book.note(cases_named=(1,), at=book.hours(40))
    book.mail("away", standing=Standing.AUTOMATIC, at=book.hours(41))

    assert book.check_silence(book.hours(49)) == (first.case_id,)


def test_an_escalated_case_is_not_due_again(book):
    book.customer(at=book.noon)
    book.check_silence(book.hours(49))
    before = book.snapshot()

    assert book.check_silence(book.hours(1000)) == ()
    assert book.snapshot() == before


def test_silence_counts_from_the_end_of_the_last_episode(book):
    first = book.customer("urgent", at=book.noon)
    calm(book, first.case_id, at=book.hours(30))

    assert book.check_silence(book.hours(78)) == ()
    assert book.check_silence(book.hours(78.01)) == (first.case_id,)
    assert len(book.episodes(first.case_id)) == 2


def calm(book, case_id, at):
    """An episode ends without an answer."""

    def end():
        with Episode._meta.database.atomic():
            return escalation.end_episode(book.case(case_id), at=at, by=ANNA.user_id, how="calmed", now=at)

    assert database.work(end)


def test_follow_ups_and_keywords_from_before_the_end_of_an_episode_do_not_count(book):
    first = book.customer("urgent", at=book.noon)
    for _ in range(3):
        book.customer("hello?")
    calm(book, first.case_id, at=book.minutes(10))

    escalated = [book.customer("more", at=book.minutes(11 + number)).escalated for number in range(4)]

    assert escalated == [False, False, False, True]
    assert len(book.episodes(first.case_id)) == 2


# One alert for each episode


def test_one_episode_gives_one_alert_whatever_reasons_follow(book):
    first = book.customer("urgent", at=book.noon)
    for number in range(3):
        book.customer("critical!", at=book.minutes(number + 1))
    book.check_silence(book.hours(100))

    (episode,) = book.episodes(first.case_id)
    alerts = book.notices("alert")
    assert {alert.target for alert in alerts} == {f"alert:{episode.alert}"}
    assert len(alerts) == 1
    assert [kind for kind, _ in book.reasons(first.case_id)] == ["keywords", "keywords", "follow-ups"]


def test_a_known_reason_is_not_added_again(book):
    first = book.customer("urgent")
    book.say_all()

    book.customer("urgent")

    assert book.reasons(first.case_id) == [("keywords", 'says "urgent"')]
    assert len(book.notices("alert")) == 1


def test_a_further_reason_updates_the_existing_alert(book):
    book.customer("urgent")
    book.say_all()

    book.customer("critical")

    update = [notice for notice in book.notices("alert") if notice.state == "pending"]
    assert len(update) == 1
    assert len(book.snapshot()["Post"]) == 2
    assert book.claim("alerts").items[0].post is not None


def test_a_later_trigger_starts_a_new_episode_with_an_alert_of_its_own(book):
    first = book.customer("urgent")
    book.admin(under=first)
    second = book.customer("urgent again")

    one, two = book.episodes(first.case_id)
    assert second.escalated
    assert one.alert != two.alert
    assert (one.ended_how, two.ended_at) == ("answered", None)


def test_several_messages_at_once_start_one_episode(book):
    messages = [book.message("urgent") for _ in range(10)]

    received = book.at_once(*[lambda m=m: book.receive(m, now=book.hours(1)) for m in messages])

    assert sum(one.escalated for one in received) == 1
    assert len(book.episodes("CASE-0001")) == 1
    assert len(book.notices("alert")) == 1


def test_two_processes_that_check_at_once_give_one_alert_for_each_episode(book):
    cases = customers(book, 6, at=book.noon)

    found = book.at_once(*[lambda: book.check_silence(book.hours(49))] * 4)

    episodes = list(Episode.select())
    assert sorted(case for one in found for case in one) == cases
    assert sorted(episode.case_id for episode in episodes) == cases
    assert {notice.target for notice in book.notices("alert")} == {f"alert:{episode.alert}" for episode in episodes}
    assert len(book.notices("alert")) == 6


def test_a_check_and_a_message_at_the_same_moment_give_one_alert(book):
    book.customer(at=book.noon)
    urgent = book.message("urgent", at=book.hours(49))

    book.at_once(lambda: book.check_silence(book.hours(49)), lambda: book.receive(urgent))

    assert len(book.episodes("CASE-0001")) == 1
    assert len({notice.target for notice in book.notices("alert")}) == 1


# Many due at the same time


def test_ten_that_are_due_at_once_get_an_alert_each(book):
    customers(book, 10, at=book.noon)

    book.check_silence(book.hours(49))

    assert len({episode.alert for episode in Episode.select()}) == 10
    assert len(book.notices("alert")) == 10


def test_more_than_ten_that_are_due_at_once_share_one_alert(book):
    cases = customers(book, 11, at=book.noon)

    found = book.check_silence(book.hours(49))

    assert list(found) == cases
    assert [episode.case_id for episode in Episode.select().order_by(Episode.id)] == cases
    assert len({episode.alert for episode in Episode.select()}) == 1
    (alert,) = book.notices("alert")
    assert alert.case_id is None


def test_a_shared_alert_goes_out_and_is_updated_when_one_of_its_episodes_ends(book):
    cases = customers(book, 11, at=book.noon)
    book.check_silence(book.hours(49))
    said = book.say_all(book.hours(50))

    book.close(cases[3], book.hours(51))
    update = book.claim("alerts", book.hours(52))

    assert sum(claimed.lane == "alerts" for claimed in said) == 1
    assert update.items[0].post is not None
    assert [episode.ended_how for episode in Episode.select().order_by(Episode.id)].count("closed it") == 1


def test_an_episode_that_shares_its_alert_ends_alone(book):
    customers(book, 11, at=book.noon)
    book.check_silence(book.hours(49))

    book.close("CASE-0001", book.hours(50))

    assert Episode.select().where(Episode.ended_at.is_null()).count() == 10


def test_cases_beyond_one_batch_are_left_for_the_next_check(sqlite_book):
    book = sqlite_book
    escalated_at_once = escalation.BATCH_SIZE
    rows = [
        {
            "case_id": f"CASE-{number:04d}", "number": number, "customer_identifier": f"U{number}", "customer_name": "",
            "source": "slack", "subject": "", "status": "open", "created_at": book.noon, "last_message_at": book.noon,
            "message_count": 1, "silent_since": book.noon, "escalated": False,
        }
        for number in range(1, escalated_at_once + 3)
    ]  # fmt: skip
    cases = type(book.case(book.customer().case_id))
    book.close("CASE-0001")
    database.work(lambda: cases.insert_many(rows[1:]).execute())

    first, second = (
        database.work(lambda: escalation.escalate_due(now=book.hours(49), limits=book.limits)) for _ in range(2)
    )

    assert (len(first.case_ids), first.more) == (escalated_at_once, True)
    assert (len(second.case_ids), second.more) == (1, False)


# Ending an episode


def test_an_answer_ends_the_episode_and_says_by_whom(book):
    first = book.customer("urgent")
    book.say_all()

    book.admin(under=first, at=book.minutes(5))

    case, (episode,) = book.case(first.case_id), book.episodes(first.case_id)
    assert (case.escalated, case.settled_at) == (False, book.minutes(5))
    assert (episode.ended_at, episode.ended_by, episode.ended_how) == (book.minutes(5), ANNA.user_id, "answered")
    assert [notice.state for notice in book.notices("alert")] == ["sent", "pending"]
    assert book.history(first.case_id) == ["opened", "escalated", "episode ended"]


def test_a_note_ends_no_episode(book):
    first = book.customer("urgent")

    book.note(cases_named=(1,))

    assert book.case(first.case_id).escalated


def test_an_answer_from_before_the_trigger_ends_nothing_when_it_arrives_late(book):
    first = book.customer(at=book.minutes(1))
    book.customer("urgent", at=book.minutes(5))
    late = book.message("hm", ANNA.user_id, standing=Standing.ADMIN, under=first, at=book.minutes(3))

    book.receive(late, now=book.minutes(6))

    assert book.case(first.case_id).escalated


def test_an_answer_that_was_on_its_way_ends_an_episode_of_silence(book):
    first = book.customer(at=book.noon)
    answer = book.message("hm", ANNA.user_id, standing=Standing.ADMIN, under=first, at=book.hours(47))
    book.check_silence(book.hours(49))

    book.receive(answer, now=book.hours(50))

    assert not book.case(first.case_id).escalated
    assert book.check_silence(book.hours(95)) == ()
    assert book.check_silence(book.hours(95.1)) == (first.case_id,)


def test_ending_a_missing_episode_is_harmless(book):
    first = book.customer()
    before = book.snapshot()

    ended = database.work(
        lambda: escalation.end_episode(
            book.case(first.case_id), at=book.hours(1), by=ANNA.user_id, how="calmed", now=book.hours(1)
        )
    )

    assert not ended
    assert book.snapshot() == before


# Query plans


@pytest.mark.parametrize("quiet", [True, False])
def test_the_silence_check_reads_only_what_is_due(plans, sqlite_book, quiet):
    sqlite_book.limits = Limits(quiet=quiet)

    asked = plans(lambda: escalation.escalate_due(now=sqlite_book.hours(49), limits=sqlite_book.limits))

    (plan,) = asked.values()
    assert plan == "SEARCH t1 USING INDEX cases_silent (silent_since<?)"


def test_an_open_episode_is_found_by_its_index(plans, sqlite_book):
    case = sqlite_book.case(sqlite_book.customer("urgent").case_id)

    asked = plans(lambda: escalation.open_episode(case))

    (plan,) = asked.values()
    assert "INDEX episodes_one_open_per_case (case_id=?)" in plan
