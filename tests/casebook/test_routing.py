"""Which case a message belongs to: nothing is lost or guessed, and no stranger gets into another customer's case."""

import pytest

from casebook import routing
from casebook.conversation import threads
from casebook.incoming import Standing
from casebook.models import Case, Message, Participant
from casebook.outcomes import Outcome
from fixtures.cast import ANNA, DORA, EMIL, FAYE, HUGO, INBOX, MAIL_CUSTOMERS, SECOND, SHARED, SUPPORT

MIA, NOOR, OTTO = MAIL_CUSTOMERS
BEN_MAIL = "ben@casebook.example.org"


# Customers


def test_a_customers_first_message_opens_a_case(book):
    received = book.customer()

    case = book.case(received.case_id)
    assert (received.opened, case.case_id, case.number, case.status) == (True, "CASE-0001", 1, "open")
    assert (case.customer_identifier, case.source) == (DORA.user_id, "slack")


def test_a_customers_message_outside_the_thread_goes_to_their_open_case(book):
    first = book.customer()

    assert book.customer("more").case_id == first.case_id
    assert book.customer("elsewhere", place=SECOND.channel_id).case_id == first.case_id
    assert Case.select().count() == 1


def test_two_customers_in_one_channel_have_a_case_each(book):
    assert book.customer(sender=DORA.user_id).case_id != book.customer(sender=EMIL.user_id).case_id


def test_a_closed_customer_gets_a_new_case(book):
    first = book.customer()
    book.close(first.case_id, book.minutes(2))

    second = book.customer("something else")

    assert (second.opened, second.case_id) == (True, "CASE-0002")
    assert book.case(second.case_id).follows is None


def test_a_closed_case_stays_closed_and_what_is_written_in_its_thread_opens_one_that_follows_it(book):
    first = book.customer()
    book.close(first.case_id, book.minutes(2))

    second = book.customer("it is back", under=first)

    assert (second.opened, second.case_id) == (True, "CASE-0002")
    assert book.case(first.case_id).status == "closed"
    assert book.case(second.case_id).follows == first.case_id
    assert book.history(second.case_id) == ["opened"]


def test_a_message_in_a_closed_cases_thread_goes_to_its_writers_open_case(book):
    first = book.customer()
    book.close(first.case_id, book.minutes(2))
    second = book.customer("something else")

    third = book.customer("it is back", under=first)

    assert (third.opened, third.case_id) == (False, second.case_id)


def test_the_thread_of_a_new_message_leads_to_the_case_in_which_that_message_is(book):
    first = book.customer()
    second = book.customer("more")

    assert book.customer("and more", under=second).case_id == first.case_id
    assert book.admin(under=second).case_id == first.case_id


def test_a_thread_whose_beginning_is_unknown_leads_to_its_case_from_then_on(book):
    root = ("T0HOME001:C0SHARED1:1700000000.000001",)
    first = book.customer("in an old thread", thread="1700000000.000001", conversation=root)
    book.customer("elsewhere", EMIL.user_id)

    assert book.admin(thread="1700000000.000001", conversation=root).case_id == first.case_id


def test_a_stranger_joins_by_writing_in_the_thread(book):
    first = book.customer(sender=DORA.user_id)

    joined = book.customer("me too", EMIL.user_id, under=first)

    assert joined.case_id == first.case_id
    assert [(row.case_id, row.person, row.stranger) for row in Participant.select()] == [
        (first.case_id, EMIL.user_id, True)
    ]


def test_a_stranger_who_joined_twice_is_one_participant(book):
    first = book.customer(sender=DORA.user_id)

    for _ in range(2):
        book.customer("me too", EMIL.user_id, under=first)

    assert Participant.select().count() == 1


def test_a_participant_still_gets_a_case_of_their_own_elsewhere(book):
    first = book.customer(sender=DORA.user_id)
    book.customer("me too", EMIL.user_id, under=first)

    own = book.customer("another thing", EMIL.user_id)

    assert (own.opened, own.case_id) == (True, "CASE-0002")


def test_a_reply_by_mail_belongs_to_the_case_of_the_nearest_mail_that_it_names(book):
    mia, noor = book.mail(sender=MIA, addressed=(OTTO,)), book.mail(sender=NOOR, addressed=(OTTO,))
    near, far = book.stored(noor).external_id, book.stored(mia).external_id

    reply = book.mail(sender=OTTO, conversation=("unknown@x", near, far))

    assert reply.case_id == noor.case_id


def test_the_number_of_a_closed_case_opens_one_that_follows_it_for_its_participants(book):
    first = book.mail("It does not work", MIA)
    book.close(first.case_id)

    again = book.mail("Again", MIA, cases_named=(1,), at=book.hours(2))

    assert (again.opened, again.case_id) == (True, "CASE-0002")
    assert book.case(again.case_id).follows == first.case_id


def test_the_number_of_a_closed_case_has_no_effect_for_a_stranger(book):
    first = book.mail("It does not work", MIA)
    book.close(first.case_id)

    guessed = book.mail("Tell me", NOOR, cases_named=(1,), at=book.hours(2))

    assert book.case(guessed.case_id).follows is None


def test_of_two_case_numbers_in_a_subject_the_open_case_counts(book):
    first = book.mail("It does not work", MIA)
    book.close(first.case_id)
    second = book.mail("Something else", MIA, at=book.hours(2))

    again = book.mail("Again", MIA, cases_named=(1, 2), at=book.hours(3))

    assert again.case_id == second.case_id


def test_a_person_in_copy_takes_no_part_until_they_write(book):
    book.mail("It does not work", MIA, about=(NOOR,))

    tagged = book.mail("Me too", NOOR, cases_named=(1,))

    assert tagged.case_id == "CASE-0002"


@pytest.mark.parametrize("subject_only", [True, False])
def test_a_stranger_who_guesses_a_number_gets_a_case_of_their_own(book, subject_only):
    first = book.mail(sender=MIA)
    named = {"cases_named": (1,), "subject": "Re: [CASE-0001]"}

    guessed = book.mail(sender=NOOR, **named if subject_only else named | {"conversation": ("guessed@x",)})

    assert (guessed.opened, guessed.case_id) == (True, "CASE-0002")
    assert book.case(first.case_id).message_count == 1


def test_a_case_number_counts_for_its_participants(book):
    mia = book.mail(sender=MIA, addressed=(NOOR,))
    book.mail("me too", NOOR, under=mia)
    own = book.mail("another thing", NOOR)

    about_mia = book.mail(sender=NOOR, cases_named=(1,))

    assert own.case_id == "CASE-0002"
    assert about_mia.case_id == mia.case_id


def test_the_number_of_a_closed_case_leads_to_the_writers_open_case(book):
    first = book.mail(sender=MIA)
    book.close(first.case_id, book.minutes(2))

    again = book.mail(sender=MIA, cases_named=(1,))

    assert (again.opened, again.case_id) == (True, "CASE-0002")


def test_a_number_that_a_customer_names_in_slack_counts_for_nothing(book):
    book.customer(sender=DORA.user_id)

    own = book.customer("like CASE-0001", EMIL.user_id, cases_named=(1,))

    assert (own.opened, own.case_id) == (True, "CASE-0002")


# Admins


def test_an_admins_message_in_the_thread_belongs_to_that_case(book):
    first = book.customer(sender=DORA.user_id)
    book.customer(sender=EMIL.user_id)

    assert book.admin(under=first).case_id == first.case_id


def test_an_admin_who_mentions_a_customer_means_their_open_case(book):
    book.customer(sender=DORA.user_id)
    emil = book.customer(sender=EMIL.user_id)

    assert book.admin("<@U0EMIL001> done", about=(EMIL.user_id,)).case_id == emil.case_id


def test_an_admin_who_names_a_number_means_that_case(book):
    book.customer(sender=DORA.user_id)
    emil = book.customer(sender=EMIL.user_id)

    assert book.admin("CASE-0002 is done", cases_named=(2,)).case_id == emil.case_id


def test_the_only_open_case_of_a_channel_is_meant_by_an_admin_there(book):
    first = book.customer(sender=DORA.user_id)
    gone = book.customer(sender=EMIL.user_id)
    book.close(gone.case_id, book.minutes(3))
    book.customer(sender=FAYE.user_id, place=SECOND.channel_id)

    assert book.admin().case_id == first.case_id


def test_a_mention_goes_before_a_number_and_a_number_before_the_channel(book):
    dora, emil = book.customer(sender=DORA.user_id), book.customer(sender=EMIL.user_id)

    assert book.admin(about=(DORA.user_id,), cases_named=(2,)).case_id == dora.case_id
    assert book.admin(cases_named=(2,)).case_id == emil.case_id


def test_an_admin_who_mentions_somebody_without_a_case_means_the_one_of_the_channel(book):
    first = book.customer(sender=DORA.user_id)

    assert book.admin(about=(EMIL.user_id,)).case_id == first.case_id


@pytest.mark.parametrize(
    "hint",
    [{}, {"about": (DORA.user_id, EMIL.user_id)}, {"cases_named": (1, 2)}],
    ids=["channel", "mentions", "numbers"],
)
def test_where_several_cases_fit_the_admin_is_asked_and_nothing_is_guessed(book, hint):
    book.customer(sender=DORA.user_id)
    book.customer(sender=EMIL.user_id)
    before = book.snapshot()

    asked = book.admin("I'm closing this case.", **hint)

    after = book.snapshot()
    assert (asked.outcome, asked.case_id) == (Outcome.IGNORED, None)
    assert asked.candidates == ("CASE-0001", "CASE-0002")
    assert {table for table in after if after[table] != before[table]} == {"LedgerRow", "Notice"}
    assert [case.status for case in Case.select()] == ["open", "open"]


def test_the_admin_is_asked_privately_where_they_wrote(book):
    book.customer(sender=DORA.user_id)
    book.customer(sender=EMIL.user_id)

    asked = book.admin()

    (notice,) = book.notices("ask")
    assert (notice.lane, notice.target) == (SHARED.channel_id, f"ledger:{asked.ledger_id}")
    assert all(word in notice.payload for word in (ANNA.user_id, "CASE-0001", "CASE-0002"))


def test_an_admin_who_wrote_a_mail_is_asked_in_the_support_channel(book):
    book.mail(sender=MIA)
    book.mail(sender=NOOR)

    asked = book.mail("Hello", BEN_MAIL, standing=Standing.ADMIN, about=(MIA, NOOR))

    (notice,) = book.notices("ask")
    assert asked.candidates == ("CASE-0001", "CASE-0002")
    assert notice.lane == "support"


def test_an_admins_message_without_a_case_is_ignored_with_a_reason(book):
    received = book.admin("good morning")

    assert (received.outcome, received.unplaced) == (Outcome.IGNORED, False)
    assert "belongs to no case" in book.ledger_row(received).reason
    assert book.notices() == []


@pytest.mark.parametrize(
    "given", [{"text": "I'm closing this case."}, {"text": "look at CASE-0099", "cases_named": (99,)}]
)
def test_an_admin_who_wanted_something_of_a_case_that_is_not_there_is_told_privately(book, given):
    received = book.admin(**given)

    (notice,) = book.notices()
    assert received.unplaced
    assert (notice.kind, notice.lane) == ("private", SHARED.channel_id)
    assert ANNA.user_id in notice.payload


def test_an_admins_message_in_a_closed_case_is_kept_there_and_changes_nothing_else(book):
    first = book.customer()
    book.close(first.case_id, book.minutes(5))
    before = book.case(first.case_id)

    late = book.admin("You're welcome. I'm closing this case.", under=first, at=book.minutes(6))

    case = book.case(first.case_id)
    assert (late.case_id, late.closed) == (first.case_id, False)
    assert (case.status, case.closed_at, case.closed_by) == ("closed", before.closed_at, before.closed_by)
    assert (case.message_count, case.last_message_at) == (2, book.minutes(6))
    assert len(book.notices("closed")) == 1
    assert book.history(first.case_id) == ["opened", "closed"]


def test_an_admin_can_write_first_by_mail(book):
    received = book.mail("Your parcel is late", BEN_MAIL, standing=Standing.ADMIN, about=(MIA,), subject="Your parcel")
    case = book.case(received.case_id)
    reply = book.mail("Thanks", MIA)

    assert (received.opened, case.customer_identifier, case.subject) == (True, MIA, "Your parcel")
    assert (reply.opened, reply.case_id) == (False, received.case_id)
    assert (case.waiting_since, case.escalated) == (None, False)


@pytest.mark.parametrize("about", [(), (MIA, NOOR)])
def test_an_admins_mail_to_nobody_or_to_several_opens_nothing(book, about):
    received = book.mail("Newsletter", BEN_MAIL, standing=Standing.ADMIN, about=about)

    assert received.outcome is Outcome.IGNORED
    assert Case.select().count() == 0


def test_an_admins_mail_to_a_customer_is_an_answer_in_their_open_case(book):
    first = book.mail(sender=MIA)

    answer = book.mail("Done", BEN_MAIL, standing=Standing.ADMIN, about=(MIA,))

    assert answer.case_id == first.case_id
    assert book.case(first.case_id).waiting_since is None


# Notes and remarks


def test_what_an_admin_writes_under_the_card_is_a_note_on_its_case(book):
    first = book.customer()
    book.say_all()

    noted = book.note(thread=book.card_of(first.case_id))

    message = book.stored(noted)
    assert noted.case_id == first.case_id
    assert (message.kind, message.is_admin) == ("note", True)
    assert book.case(first.case_id).message_count == 1


def test_an_admins_message_in_the_support_channel_outside_a_card_belongs_to_no_case(book):
    book.customer()
    book.say_all()

    assert book.note("good morning").outcome is Outcome.IGNORED
    assert book.note("CASE-0001 is odd", cases_named=(1,)).case_id == "CASE-0001"


def test_a_colleagues_message_under_the_card_is_kept_without_effect(book):
    first = book.customer()
    book.say_all()

    remark = book.note(
        "I'm closing this case.", HUGO.user_id, standing=Standing.REMARK, thread=book.card_of(first.case_id)
    )

    message = book.stored(remark)
    assert remark.case_id == first.case_id
    assert (message.kind, message.is_admin) == ("note", False)
    assert book.case(first.case_id).status == "open"


def test_a_colleagues_message_elsewhere_is_ignored_with_a_reason(book):
    book.customer()

    remark = book.note("lunch?", HUGO.user_id, standing=Standing.REMARK, place=SUPPORT.channel_id)

    assert remark.outcome is Outcome.IGNORED
    assert book.ledger_row(remark).reason == "a colleague without a part in support wrote it"


# Claims and automatic mail


def claim(book, text="I'm closing this case. It was urgent.", **changes):
    return book.mail(text, BEN_MAIL, standing=Standing.CLAIM, **changes)


@pytest.mark.parametrize("hint", ["reply", "number", "address"])
def test_an_unproven_claim_is_kept_in_its_case_without_effect(book, hint):
    first = book.mail("It does not work", MIA)
    book.mail("Hello?", MIA)
    before = book.case(first.case_id)
    hints = {"reply": {"under": first}, "number": {"cases_named": (1,)}, "address": {"about": (MIA,)}}

    kept = claim(book, **hints[hint])

    case, message = book.case(first.case_id), book.stored(kept)
    assert (kept.case_id, kept.closed, kept.escalated) == (first.case_id, False, False)
    assert (message.kind, message.is_admin, message.standing) == ("message", False, "claim")
    assert (case.status, case.escalated, case.waiting_since) == ("open", False, before.waiting_since)
    assert (case.silent_since, case.answered_at, case.message_count) == (before.silent_since, None, 3)


def test_a_claim_does_not_end_an_episode(book):
    first = book.mail("urgent", MIA)

    claim(book, "We are on it", under=first)

    assert book.case(first.case_id).escalated


def test_claims_count_for_no_follow_ups(book):
    first = book.mail("one", MIA)
    for text in ("two", "three"):
        book.mail(text, MIA)
    for _ in range(3):
        claim(book, "hello", under=first)

    assert not book.case(first.case_id).escalated


def test_a_claim_that_names_nothing_is_not_lost(book):
    kept = claim(book, "Hello")

    assert kept.outcome is Outcome.MESSAGE
    assert book.stored(kept).is_admin is False
    assert not book.case(kept.case_id).escalated


def test_automatic_mail_opens_nothing(book):
    received = book.mail("I am away until Monday. Urgent? Call me.", MIA, standing=Standing.AUTOMATIC)

    assert (received.outcome, received.case_id) == (Outcome.IGNORED, None)
    assert book.ledger_row(received).reason == "automatic mail"
    assert Case.select().count() == Message.select().count() == 0


@pytest.mark.parametrize("hint", ["reply", "sender"])
def test_automatic_mail_is_a_note_where_it_belongs_to_a_case_and_moves_nothing(book, hint):
    first = book.mail("It does not work", MIA, addressed=(NOOR,))
    before = book.case(first.case_id)
    given = {"sender": NOOR, "under": first} if hint == "reply" else {"sender": MIA}

    kept = book.mail("I am away. urgent. I'm closing this case.", standing=Standing.AUTOMATIC, **given)

    message = book.stored(kept)
    assert (kept.outcome, kept.case_id) == (Outcome.IGNORED, first.case_id)
    assert "automatic mail" in book.ledger_row(kept).reason
    assert (message.kind, message.is_admin) == ("note", False)
    assert book.case(first.case_id).__data__ == before.__data__
    assert Participant.select().count() == 0


def test_a_bounce_of_our_answer_is_a_note_of_its_case_and_its_history_says_so(book):
    first = book.mail("It is urgent", MIA)
    answer = book.mail("Try again", BEN_MAIL, standing=Standing.ADMIN, under=first)
    before = book.case(first.case_id)
    line = "Not delivered to mia@customer.example.com: 5.1.1 no such user"

    kept = book.mail("Sorry", "", standing=Standing.AUTOMATIC, under=answer, new_text=line, undelivered=line)

    assert (kept.outcome, kept.case_id, book.stored(kept).kind) == (Outcome.IGNORED, first.case_id, "note")
    assert book.case(first.case_id).__data__ == before.__data__
    assert book.history(first.case_id)[-1] == "not delivered"
    assert book.notices("thread")[-1].target == f"message:{book.stored(kept).id}"


def test_a_bounce_that_names_a_customers_own_mail_is_ignored(book):
    first = book.mail("It does not work", MIA)

    kept = book.mail("Sorry", "", standing=Standing.AUTOMATIC, under=first, undelivered="Not delivered to you")

    assert (kept.outcome, kept.case_id) == (Outcome.IGNORED, None)


def test_a_bounce_of_unknown_mail_is_ignored(book):
    book.mail("It does not work", MIA)

    kept = book.mail("Sorry", "", standing=Standing.AUTOMATIC, conversation=("guessed@x",), undelivered="Not delivered")

    assert (kept.outcome, kept.case_id) == (Outcome.IGNORED, None)


def test_automatic_mail_neither_breaks_a_silence_nor_calms(book):
    first = book.mail("It does not work", MIA)
    for hour in (20, 40):
        book.mail("I am away", MIA, standing=Standing.AUTOMATIC, at=book.hours(hour))

    assert book.check_silence(book.hours(49)) == (first.case_id,)

    book.mail("I am away", MIA, standing=Standing.AUTOMATIC, at=book.hours(50))

    assert book.case(first.case_id).escalated


def test_our_own_inbox_is_nobodys_customer(book):
    book.mail("a copy of our own", INBOX, standing=Standing.AUTOMATIC)

    assert Case.select().count() == 0


# Query plans


def test_a_customers_open_case_is_found_by_its_index(plans, sqlite_book):
    sqlite_book.customer()

    asked = plans(lambda: routing.open_case(DORA.user_id))

    (plan,) = asked.values()
    assert "INDEX cases_one_open_per_customer (customer_identifier=?)" in plan


def test_a_thread_and_a_mail_are_found_by_their_ids(plans, sqlite_book):
    first = sqlite_book.mail()

    asked = plans(lambda: routing.place(sqlite_book.mail_message(sender=NOOR, under=first)))

    assert not [plan for plan in asked.values() if plan.startswith("SCAN") and "CONSTANT ROW" not in plan]


def test_the_open_cases_of_a_channel_are_found_by_its_index(plans, sqlite_book):
    sqlite_book.customer()
    hello = sqlite_book.message(sender=ANNA.user_id, standing=Standing.ADMIN)

    asked = plans(lambda: routing.place(hello))

    assert any("INDEX messages_place_case_id (place=?)" in plan for plan in asked.values())


@pytest.mark.parametrize(("before", "is_found"), [(threads.MOST_LOOKED_UP - 1, True), (threads.MOST_LOOKED_UP, False)])
def test_only_the_nearest_of_thousands_of_references_are_looked_up(book, before, is_found):
    first = book.mail(sender=MIA, addressed=(NOOR,))
    names = tuple(f"{number}@elsewhere.example.org" for number in range(before))

    reply = book.mail(sender=NOOR, conversation=(*names, book.stored(first).external_id))

    assert (reply.case_id == first.case_id) == is_found
