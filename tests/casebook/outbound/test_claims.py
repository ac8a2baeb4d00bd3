"""Email from an admin's address without proof: no effect until an admin confirms it, and decided once."""

import pytest

from casebook import database, notices
from casebook.errors import CasebookError, NoSuchCaseError, SettledAlreadyError
from casebook.incoming import Standing
from casebook.outbound import claims
from casebook.views import Wish
from fixtures.cast import ANNA, BEN, CARLA, MAIL_CUSTOMERS

MIA, NOOR, _ = MAIL_CUSTOMERS
PHRASE = "I'm closing this case."


@pytest.fixture
def asked(book):
    """A customer's urgent email."""
    return book.mail("It is urgent", MIA)


def claim(book, text=PHRASE, **changes):
    return book.mail(text, BEN.email, standing=Standing.CLAIM, **changes)


def confirm(book, kept, by=ANNA.user_id, now=None):
    message_id = book.stored(kept).id
    when = now or book.hours(1)
    return database.work(lambda: claims.confirm(message_id, by=by, now=when, limits=book.limits))


def set_aside(book, kept, by=ANNA.user_id):
    message_id = book.stored(kept).id
    return database.work(lambda: claims.set_aside(message_id, by=by, now=book.hours(1)))


def view(book, kept):
    return database.work(lambda: claims.view(book.stored(kept).id))


def test_a_claim_is_asked_about_in_the_support_channel_once(book, asked):
    kept = claim(book, under=asked)

    (notice,) = book.notices("claim")
    assert (notice.lane, notice.case_id) == (notices.SUPPORT, asked.case_id)
    assert notice.target == f"claim:{book.stored(kept).id}"


def test_a_confirmed_claim_closes_in_the_name_of_whose_mail_it_is(book, asked):
    kept = claim(book, under=asked)

    change = confirm(book, kept)

    case = book.case(asked.case_id)
    assert (case.status, case.closed_by, case.escalated) == ("closed", BEN.email, False)
    assert change.by == BEN.email
    assert book.history(asked.case_id)[-3:] == ["claim confirmed", "episode ended", "closed"]
    (closing,) = book.notices("closed")
    assert f'"by": "{BEN.email}"' in closing.payload


def test_a_confirmed_claim_answers_at_its_own_time_and_is_counted_once(book, asked):
    kept = claim(book, "We are on it", under=asked)
    counted = book.case(asked.case_id).message_count

    confirm(book, kept)

    case, message = book.case(asked.case_id), book.stored(kept)
    assert (case.message_count, case.answered_at, case.waiting_since) == (counted, message.timestamp, None)
    assert (message.standing, message.is_admin, message.kind) == ("admin", True, "message")
    assert not case.escalated


def test_a_late_confirmation_does_not_calm_what_was_written_after_the_mail(book, asked):
    kept = claim(book, "We are on it", under=asked)
    later = book.mail("This is critical", MIA)

    confirm(book, kept)

    case = book.case(asked.case_id)
    assert case.escalated
    assert case.waiting_since == book.stored(later).timestamp


def test_only_what_was_newly_written_closes(book, asked):
    kept = claim(book, f"Yes\n\n> {PHRASE}", new_text="Yes", under=asked)

    confirm(book, kept)

    assert book.case(asked.case_id).status == "open"


def test_a_claim_that_is_set_aside_stays_without_effect(book, asked):
    kept = claim(book, under=asked)
    before = book.case(asked.case_id).__data__

    set_aside(book, kept)

    message = book.stored(kept)
    assert (message.standing, message.is_admin) == ("claim set aside", False)
    assert book.case(asked.case_id).__data__ == before
    assert book.history(asked.case_id)[-1] == "claim set aside"


@pytest.mark.parametrize("first", [confirm, set_aside])
@pytest.mark.parametrize("second", [confirm, set_aside])
def test_a_second_decision_is_refused_and_changes_nothing(book, asked, first, second):
    kept = claim(book, under=asked)
    first(book, kept)
    before = book.snapshot()

    with pytest.raises(SettledAlreadyError):
        second(book, kept, by=BEN.user_id)

    assert book.snapshot() == before


def test_two_admins_at_once_decide_once(book, asked):
    kept = claim(book, "We are on it", under=asked)
    message_id, limits = book.stored(kept).id, book.limits

    def press(by):
        try:
            return claims.confirm(message_id, by=by, now=book.hours(1), limits=limits).by
        except CasebookError as error:
            return type(error)

    said = book.at_once(lambda: press(ANNA.user_id), lambda: press(CARLA.user_id))

    assert sorted(said, key=str) == sorted([BEN.email, SettledAlreadyError], key=str)
    assert book.history(asked.case_id).count("claim confirmed") == 1


def test_in_a_case_that_was_closed_meanwhile_a_confirmed_claim_changes_nothing_else(book, asked):
    kept = claim(book, under=asked)
    book.close(asked.case_id)

    confirm(book, kept, now=book.hours(3))

    case = book.case(asked.case_id)
    assert (case.status, case.closed_by, case.answered_at) == ("closed", ANNA.user_id, None)
    assert book.stored(kept).is_admin


def test_a_claim_to_one_outside_address_is_kept_where_it_would_go_as_an_admins(book):
    kept = claim(book, "Welcome", about=(NOOR,))

    assert book.case(kept.case_id).customer_identifier == NOOR
    assert view(book, kept).wish is Wish.OPEN


@pytest.mark.parametrize(("text", "wish"), [(PHRASE, Wish.CLOSE), ("We are on it", Wish.ANSWER)])
def test_a_claim_shows_what_it_asks_for(book, asked, text, wish):
    kept = claim(book, text, under=asked)

    assert view(book, kept).wish is wish
    assert view(book, kept).line.case_id == asked.case_id


def test_its_copy_under_the_card_and_the_question_are_updated_when_it_is_decided(book, asked):
    kept = claim(book, "We are on it", under=asked)
    book.say_all(book.hours(0.5))

    confirm(book, kept)

    claimed = [(item.kind, item.post is not None) for said in book.say_all(book.hours(2)) for item in said.items]
    assert ("claim", True) in claimed
    assert ("copy", True) in claimed


def test_other_messages_cannot_be_confirmed(book, asked):
    with pytest.raises(SettledAlreadyError):
        confirm(book, asked)
    with pytest.raises(NoSuchCaseError):
        database.work(lambda: claims.confirm(999, by=ANNA.user_id, now=book.noon, limits=book.limits))
