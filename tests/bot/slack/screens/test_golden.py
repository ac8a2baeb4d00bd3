"""Every screen has a golden file; after an intended change: `pytest tests/bot/slack/screens --update-golden`."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.slack.command_words import WORDS
from bot.slack.screens import alerts, cards, claims, command_answers, doubtful, forwards, home, modals
from casebook.rules import Limits, Reason, ReasonKind
from casebook.views import AnswerState, FileState, Filter, Wish
from fixtures.cast import ANNA, DORA, EMIL, MAIL_CUSTOMERS

GOLDEN = Path(__file__).parent / "golden"
URL = "https://casebook-example.slack.com/"
FOURTH = Reason(ReasonKind.FOLLOW_UPS, "fourth message since 2026-03-02 09:12 UTC without an answer")
SILENCE = Reason(ReasonKind.SILENCE, "waiting for our answer for 49 h")
LONG = "The export stops at row 17. " * 300
CLOSED = {"status": "closed", "waiting_since": None}
MAIL = {"customer": MAIL_CUSTOMERS[0], "customer_name": "Mia Mustermann", "source": "email", "subject": "Invoice 17"}
NOT_VOUCHED = {"source": "email", "sender": MAIL_CUSTOMERS[0], "sender_name": "Mia Mustermann", "vouched": False}


def files(a):
    """One file in each state."""
    return (
        a.file("invoice.pdf", size=120_000),
        a.file("photo.jpg", size=31_000_000, state=FileState.LEFT_OUT, why_not="too large, the most is 25 MB"),
        a.file("logo.png", embedded=True),
        a.file("screenshot.png", size=1234, state=FileState.WAITING),
        a.file("attachment", size=0, state=FileState.WAITING),
    )


CARDS = {
    "card_open": lambda a: cards.card(a.card(), a.names),
    "card_escalated": lambda a: cards.card(
        a.card(line=a.line(escalated=True, message_count=4), reasons=(a.urgent, FOURTH)), a.names
    ),
    "card_closed": lambda a: cards.card(
        a.card(line=a.line(**CLOSED), closed_at=a.noon + timedelta(hours=1), closed_by=ANNA.user_id), a.names
    ),
    "card_follows": lambda a: cards.card(a.card(line=a.line(case_id="CASE-0008"), follows="CASE-0001"), a.names),
    "card_unverified": lambda a: cards.card(
        a.card(last=a.message(sender=ANNA.email, sender_name="", standing="claim", source="email")), a.names
    ),
    "card_deleted_first_message": lambda a: cards.card(a.card(first=a.message("", deleted=True)), a.names),
    "card_assigned": lambda a: cards.card(a.card(line=a.line(assigned_to=ANNA.user_id)), a.names),
    "card_answered": lambda a: cards.card(
        a.card(line=a.line(waiting_since=None, message_count=2), last=a.by_anna("On it")), a.names
    ),
    "card_by_mail": lambda a: cards.card(a.card(line=a.line(**MAIL)), a.names),
    "card_with_files": lambda a: cards.card(a.card(first=a.message(files=files(a))), a.names),
    "card_may_belong_elsewhere": lambda a: cards.card(a.card(line=a.line(**MAIL), may_belong_to="CASE-0007"), a.names),
    "card_moved": lambda a: cards.card(
        a.card(
            line=a.line(**CLOSED | {"message_count": 0}),
            first=None,
            last=None,
            may_belong_to="CASE-0007",
            moved_to="CASE-0007",
            closed_at=a.noon + timedelta(hours=1),
            closed_by=ANNA.user_id,
        ),
        a.names,
    ),
    "card_not_vouched_for": lambda a: cards.card(
        a.card(line=a.line(**MAIL), first=a.message(**NOT_VOUCHED | {"answered_at": "mia@private.example.net"})),
        a.names,
    ),
    "card_clipped": lambda a: cards.card(a.card(first=a.message(LONG)), a.names),
}
THREADS = {
    "thread_one": lambda a: cards.thread([a.message("And now the import, too")], a.names),
    "thread_joined": lambda a: cards.thread(
        [a.message("And now the import, too"), a.message("Hello?"), a.by_anna("We are on it")], a.names
    ),
    "thread_edited": lambda a: cards.thread([a.message("And now the import, too", edited=True)], a.names),
    "thread_deleted": lambda a: cards.thread([a.message("", deleted=True, edited=True)], a.names),
    "thread_note": lambda a: cards.thread([a.by_anna("They pay in yen", is_note=True, standing="note")], a.names),
    "thread_claim_set_aside": lambda a: cards.thread(
        [a.message("Done", sender="ben@casebook.example.org", sender_name="Ben", standing="claim set aside")], a.names
    ),
    "thread_not_vouched_for": lambda a: cards.thread([a.message(**NOT_VOUCHED)], a.names),
    "thread_by_somebody_else": lambda a: cards.thread(
        [a.message(source="email", sender="noor@other.example.com", sender_name="Noor Nour", is_customers=False)],
        a.names,
    ),
    "thread_clipped": lambda a: cards.thread([a.message(LONG)], a.names),
    "thread_cut": lambda a: cards.thread([a.message("See below", source="email", cut=True)], a.names),
    "thread_files": lambda a: cards.thread(
        [a.message("See attached", files=files(a)[:1]), a.message("And again", files=files(a)[1:])], a.names
    ),
    "thread_files_refused": lambda a: cards.thread(
        [a.message("See attached", files=files(a)[:1], upload_error="missing_scope")], a.names
    ),
    "answer_waiting": lambda a: cards.answer_state(a.answer()),
    "answer_sent": lambda a: cards.answer_state(a.answer(AnswerState.SENT)),
    "answer_taken_back": lambda a: cards.answer_state(a.answer(AnswerState.TAKEN_BACK)),
    "answer_made_a_note": lambda a: cards.answer_state(a.answer(AnswerState.NOTE)),
    "answer_refused": lambda a: cards.answer_state(a.answer(AnswerState.REFUSED, error="not_in_channel")),
    "question": lambda a: cards.case_question(
        7, [a.line(), a.line(case_id="CASE-0002", customer=EMIL.user_id, customer_name=EMIL.name)], "you"
    ),
}
CLAIMS = {
    "claim_closes": lambda a: claims.claim(a.claim(), URL),
    "claim_answers": lambda a: claims.claim(a.claim("It is mended.", Wish.ANSWER), URL),
    "claim_opens": lambda a: claims.claim(a.claim("Hello Mia", Wish.OPEN, line=a.line(**MAIL), card=None), URL),
    "claim_in_a_closed_case": lambda a: claims.claim(a.claim("Thanks", Wish.ANSWER, line=a.line(**CLOSED)), URL),
    "claim_confirmed": lambda a: claims.claim(a.claim(), URL, f"✓ Confirmed by {ANNA.name}"),
    "claim_ignored": lambda a: claims.claim(a.claim(), URL, f"Ignored by {ANNA.name}: it stays without effect"),
}
FORWARDS = {
    "forward_uncertain": lambda a: forwards.forward(a.forwarded(), ()),
    "forward_names_a_case": lambda a: forwards.forward(a.forwarded(), [a.line()]),
    "forward_without_author": lambda a: forwards.forward(a.forwarded(author="", author_name=""), ()),
    "forward_unproven": lambda a: forwards.forward(a.forwarded(proven=False), ()),
    "forward_decided": lambda a: forwards.forward(a.forwarded(), (), f"✓ {ANNA.name} put it to CASE-0002"),
}

DOUBTFUL = {
    "doubtful": lambda a: doubtful.doubtful(a.doubtful()),
    "doubtful_decided": lambda a: doubtful.doubtful(a.doubtful(sender_name=""), f"✓ {ANNA.name} put it to CASE-0002"),
}


def ended(a, how):
    """An episode that Anna ended an hour later."""
    over = {"ended_at": a.noon + timedelta(hours=1), "ended_by": ANNA.user_id, "ended_how": how}
    return a.episode(line=a.line(waiting_since=None), **over)


def several(a):
    """Three cases that were escalated together."""
    return [
        a.episode(line=a.line(case_id=f"CASE-000{number}", escalated=True), reasons=(SILENCE,)) for number in (1, 2, 3)
    ]


ALERTS = {
    "alert_started": lambda a: alerts.alert([a.episode()], a.names, URL),
    "alert_two_reasons": lambda a: alerts.alert([a.episode(reasons=(a.urgent, FOURTH))], a.names, URL),
    "alert_ended": lambda a: alerts.alert([ended(a, "answered")], a.names, URL),
    "alert_listed": lambda a: alerts.alert(several(a), a.names, URL),
    "alert_listed_one_ended": lambda a: alerts.alert([ended(a, "closed it"), *several(a)[1:]], a.names, URL),
}


def team(a, *lines, which=Filter.ALL, shown=None, page=1, pages=1, result=""):
    """The Home tab of an admin, two hours after noon."""
    now = a.noon + timedelta(hours=2)
    shown = shown or a.overview()
    return home.team_view(shown, a.page(*lines, page=page, pages=pages), which, names=a.names, now=now, result=result)


def three(a):
    """An escalated case, one by email, and an answered one."""
    return (
        a.line(escalated=True, assigned_to=ANNA.user_id),
        a.line(case_id="CASE-0002", **MAIL),
        a.line(case_id="CASE-0003", waiting_since=None, customer=EMIL.user_id, customer_name=EMIL.name),
    )


def empty(a):
    """The counts of an empty database."""
    return a.overview(
        open=0, escalated=0, waiting=0, unassigned=0, waiting_longest=None, oldest=None, oldest_at=None
    )  # fmt: skip


HOMES = {
    "home_admin_empty": lambda a: team(a, shown=empty(a)),
    "home_admin_one_page": lambda a: team(a, *three(a)),
    "home_admin_second_of_three_pages": lambda a: team(a, *three(a), page=2, pages=3),
    "home_admin_filtered": lambda a: team(a, three(a)[0], which=Filter.ESCALATED),
    "home_admin_after_a_button": lambda a: team(a, *three(a)[1:], result="CASE-0001 is closed."),
    "home_customer": lambda a: home.customer_view(a.line(message_count=2)),
    "home_customer_without_case": lambda a: home.customer_view(None),
    "home_stranger": lambda a: home.refusal_view("That is for the support team, and you are not one of its admins."),
}


def later(a, **by):
    """A time after noon."""
    return a.noon + timedelta(**by)


COMMANDS = {
    "command_sentence": lambda a: command_answers.sentence("There is no case CASE-0099."),
    "command_overview": lambda a: command_answers.overview(a.overview(), later(a, hours=2)),
    "command_overview_empty": lambda a: command_answers.overview(empty(a), a.noon),
    "command_status": lambda a: command_answers.status(a.line(), a.names, later(a, minutes=5)),
    "command_own_status": lambda a: command_answers.own_status(a.line(), later(a, minutes=5)),
    "command_own_status_without_case": lambda a: command_answers.own_status(None, a.noon),
    "command_list": lambda a: command_answers.listing(a.page(*three(a)), Filter.ALL, a.names, later(a, hours=2)),
    "command_list_page": lambda a: command_answers.listing(
        a.page(*three(a), page=1, pages=3), Filter.WAITING, a.names, later(a, hours=2)
    ),
    "command_list_empty": lambda a: command_answers.listing(a.page(), Filter.MINE, a.names, a.noon),
    "command_show_claim": lambda a: command_answers.show(
        a.history(
            a.message(), a.message("Done", sender="ben@casebook.example.org", sender_name="Ben", standing="claim")
        ),
        a.names,
        a.noon,
    ),
    "command_show": lambda a: command_answers.show(
        a.history(
            a.message(),
            a.by_anna("They pay in yen", is_note=True),
            a.message("", deleted=True),
            events=(a.event("opened", DORA.user_id), a.event("assigned", detail=ANNA.user_id)),
        ),
        a.names,
        later(a, hours=2),
    ),
    "command_why_never": lambda a: command_answers.why(a.why(), a.names, Limits(), later(a, hours=2)),
    "command_why_escalated": lambda a: command_answers.why(
        a.why(
            ended(a, "answered"),
            replace(a.episode(), reasons=(FOURTH,), started_at=later(a, hours=3)),
            line=a.line(escalated=True),
            due_at=None,
            unanswered=4,
            holds_now=(FOURTH,),
        ),
        a.names,
        Limits(),
        later(a, hours=4),
    ),
    "command_help": lambda a: command_answers.help_screen([(word.usage, word.meaning) for word in WORDS.values()]),
}
MODALS = {
    "modal_reply": lambda a: modals.reply("CASE-0001", "home", a.readers(), 10),
    "modal_reply_without_undo": lambda a: modals.reply("CASE-0001", "home", a.readers(), 0),
    "modal_reply_with_a_choice": lambda a: modals.reply(
        "CASE-0001", "home", a.readers("mia@customer.example.com", "mia@private.example.net"), 10
    ),
    "modal_reply_after_somebody_wrote": lambda a: modals.reply(
        "CASE-0001",
        "home",
        a.readers(),
        10,
        modals.WrittenMeanwhile("Emil Example", "Never mind, it works.", "Try again"),
    ),
    "modal_note": lambda a: modals.note("CASE-0001", "home"),
    "modal_close": lambda a: modals.close("CASE-0001", "home", can_tell=True),
    "modal_close_by_mail": lambda a: modals.close("CASE-0001", "home", can_tell=False),
    "modal_add": lambda a: modals.add(7, "home"),
    "modal_whole": lambda a: modals.whole_message(
        "CASE-0001", a.message("The export is broken.\n\nIt stops at row 17.")
    ),
}
SCREENS = CARDS | THREADS | CLAIMS | FORWARDS | DOUBTFUL | ALERTS | HOMES | COMMANDS | MODALS


@pytest.mark.parametrize("name", SCREENS)
def test_the_screen_matches_its_golden_file_and_slack_accepts_it(name, a, golden, refusals):
    screen = SCREENS[name](a)

    golden(name, screen)
    assert refusals(screen) == []


def test_every_golden_file_belongs_to_a_screen():
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(SCREENS)
