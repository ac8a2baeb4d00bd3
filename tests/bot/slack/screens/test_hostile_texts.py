"""Slack accepts every screen with any text and any name, and no part of that text pings, links or formats."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.slack.context.people import name_of
from bot.slack.payloads.events import read_event
from bot.slack.screens import alerts, cards, claims, command_answers, doubtful, forwards, home, modals
from bot.slack.screens.blocks import Post, moment
from bot.slack.screens.text import plain
from casebook.records.filenames import safe_name
from casebook.rules import Limits, Reason, ReasonKind
from casebook.views import AnswerState, Filter, Wish
from fixtures.cast import ANNA, SHARED
from fixtures.workspace.display import showing

URL = "https://casebook-example.slack.com/"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
PIECES = (
    "<!channel>", "<!here>", "<!everyone|all>", "<@U0ANNA001>", "<@U0ANNA001|anna>", "<#C0SUPPORT|support>",
    "<!subteam^S0SUPPORT>", "<!date^0^{date}|x>", "<https://evil.example.com|your bank>", "https://evil.example.com",
    "<mailto:mia@customer.example.com|mia>", "mia@customer.example.com", "&lt;!channel&gt;", "&amp;lt;", "&", "<", ">",
    "|", "*stars*", "_under_", "~gone~", "`code`", "```block```", "> quoted", "\n", "\n\n\n", "\r\n", "\t", "   ",
    "\u202e", "\u200f", "\u2066", "\u2028", "\u0085", "\ufeff", "\u200b", "\x00", "\x07", "\x1b[31m", "\x1f", "\x7f",
    FAMILY, "e\u0301\u0323", "\u0e33", ":smile:", "{date}", "%s", "@channel", "/case close 1", "CASE-0001", '"', "\\",
)  # fmt: skip
piece = st.sampled_from(PIECES) | st.text(min_size=1, max_size=20)


class Long(str):
    """A string with a short repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{self[:20]!r}... ({len(self)} characters)"


ENDLESS = Long("&" * 40_000)  # escaping makes each character five


hostile = st.one_of(
    st.text(),
    st.lists(piece, max_size=12).map("".join),
    piece.map(lambda text: Long((text * 40_000)[:40_000])),
    st.sampled_from((*PIECES, "", "\n \t", "\x00\x1f")),
)


def repeated(what, *counts):
    """A few of these values, repeated up to one of these counts."""
    few = st.lists(what, min_size=1, max_size=3)
    return st.builds(lambda found, count: (found * count)[:count], few, st.sampled_from(counts))


reasons = repeated(st.builds(Reason, st.sampled_from(ReasonKind), hostile), 1, 3, 60)

thorough = settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


@pytest.fixture(scope="module")
def harmless(a, refusals):
    """Asserts that Slack accepts a screen, and that only our own parts of it ping, link or format."""
    own = {moment(a.noon), f"<{alerts.permalink(URL, *a.card().card)}|The card of CASE-0001>"}

    def check(screen, *, updated=False):
        assert refusals(screen, updated=updated) == []
        text, blocks = (screen.text, screen.blocks) if isinstance(screen, Post) else ("", screen["blocks"])
        assert set(showing.live(text, blocks)) <= own

    return check


@thorough
@given(text=hostile, subject=hostile, name=hostile, found=reasons, deleted=st.booleans())
@example(text=ENDLESS, subject=ENDLESS, name=ENDLESS, found=[Reason(ReasonKind.KEYWORDS, ENDLESS)] * 60, deleted=False)
def test_cards(*, a, harmless, text, subject, name, found, deleted):
    line = a.line(customer_name=name, subject=subject, preview=text[:300], escalated=True, assigned_to=ANNA.user_id)
    attached = tuple(a.file(safe_name(given)) for given in (name, subject))
    first = a.message(text, sender_name=name, deleted=deleted, files=attached)
    open_card = a.card(line=line, first=first, last=first, reasons=tuple(found))
    closed_card = a.card(line=line, first=None, last=first, closed_at=a.noon, closed_by=ANNA.user_id, follows="CASE-1")

    harmless(cards.card(open_card, {ANNA.user_id: name}), updated=True)
    harmless(cards.card(closed_card, {}), updated=True)


@thorough
@given(texts=repeated(hostile, 1, 3, 10), name=hostile, edited=st.booleans())
@example(texts=[ENDLESS] * 10, name=ENDLESS, edited=True)
def test_threads(a, harmless, texts, name, edited):
    attached = tuple(a.file(safe_name(given)) for given in (name, *texts))
    written = [
        a.message(text, message_id=number, sender_name=name, edited=edited, cut=True, files=attached)
        for number, text in enumerate(texts)
    ]

    harmless(cards.thread(written, {}), updated=True)


@thorough
@given(name=hostile, subject=hostile, found=reasons, is_over=st.booleans())
@example(name=ENDLESS, subject=ENDLESS, found=[Reason(ReasonKind.KEYWORDS, ENDLESS)] * 60, is_over=False)
def test_alerts(*, a, harmless, name, subject, found, is_over):
    line = a.line(customer_name=name, subject=subject, escalated=not is_over)
    over = {"ended_at": a.noon, "ended_by": ANNA.user_id, "ended_how": "answered"} if is_over else {}
    episode = a.episode(line=line, reasons=tuple(found), **over)

    harmless(alerts.alert([episode], {ANNA.user_id: name}, URL), updated=True)
    harmless(alerts.alert([episode] * 75, {ANNA.user_id: name}, URL), updated=True)


@thorough
@given(text=hostile, name=hostile, error=hostile, state=st.sampled_from(AnswerState))
@example(text=ENDLESS, name=ENDLESS, error=ENDLESS, state=AnswerState.REFUSED)
def test_answers_and_questions(*, a, harmless, text, name, error, state):
    line = a.line(customer_name=name, preview=text[:300])

    harmless(cards.answer_state(a.answer(state, text=text, author_name=name, error=error)), updated=True)
    candidates = [a.line(case_id=f"CASE-{number:04d}", customer_name=name, subject=text) for number in range(60)]
    harmless(cards.case_question(1, candidates, name))
    harmless(cards.case_question(1, [line], "you"))


@thorough
@given(text=hostile, name=hostile, sender=hostile, decided=hostile, wish=st.sampled_from(Wish))
@example(text=ENDLESS, name=ENDLESS, sender=ENDLESS, decided=ENDLESS, wish=Wish.ANSWER)
def test_claims(*, a, harmless, text, name, sender, decided, wish):
    line, mail = a.line(customer_name=name, subject=text), a.message(text, sender=sender, standing="claim")

    harmless(claims.claim(a.claim(wish=wish, line=line, message=mail), URL), updated=True)
    harmless(claims.claim(a.claim(wish=wish, line=line, message=mail), URL, decided), updated=True)


@thorough
@given(text=hostile, name=hostile, sender=hostile, subject=hostile, proven=st.booleans())
@example(text=ENDLESS, name=ENDLESS, sender=ENDLESS, subject=ENDLESS, proven=False)
def test_forwards(*, a, harmless, text, name, sender, subject, proven):
    mail = a.forwarded(
        sender=sender, author=sender, author_name=name, subject=subject, preview=text[:700], proven=proven
    )

    harmless(forwards.forward(mail, [a.line(customer_name=name, subject=subject)] * 60), updated=True)
    harmless(forwards.forward(mail, (), text), updated=True)


@thorough
@given(text=hostile, name=hostile, sender=hostile, subject=hostile)
@example(text=ENDLESS, name=ENDLESS, sender=ENDLESS, subject=ENDLESS)
def test_email_that_a_program_may_have_sent(*, a, harmless, text, name, sender, subject):
    mail = a.doubtful(sender=sender, sender_name=name, subject=subject, preview=text[:700])

    harmless(doubtful.doubtful(mail), updated=True)
    harmless(doubtful.doubtful(mail, text), updated=True)


@thorough
@given(text=hostile, name=hostile, address=hostile)
def test_unverified_email(*, a, harmless, text, name, address):
    message = a.message(
        text, source="email", sender=address, sender_name=name, is_customers=False, vouched=False, answered_at=address
    )

    harmless(cards.thread([message], {}), updated=True)
    harmless(cards.card(a.card(first=message, last=message, may_belong_to="CASE-0007"), {}), updated=True)


@thorough
@given(text=hostile, name=hostile, subject=hostile, kind=hostile, detail=hostile)
def test_command_answers(*, a, harmless, text, name, subject, kind, detail):
    names, now = {ANNA.user_id: name}, a.noon + timedelta(hours=2)
    line = a.line(customer_name=name, subject=subject, preview=text[:300], assigned_to=ANNA.user_id)
    messages = [a.message(text, sender_name=name)] * 10
    events = tuple([a.event(kind[:255], detail=detail)] * 10)

    harmless(command_answers.sentence(f"I do not know /case {text}."))
    harmless(command_answers.status(line, names, now))
    harmless(command_answers.own_status(line, now))
    harmless(command_answers.listing(a.page(*[line] * 10, pages=3), Filter.ALL, names, now))
    harmless(command_answers.show(a.history(*messages, events=events, line=line), names, now))
    harmless(command_answers.help_screen([(subject, detail)] * 20))


@thorough
@given(name=hostile, found=reasons)
def test_why(a, harmless, name, found):
    episode = a.episode(reasons=tuple(found), ended_at=a.noon, ended_by=ANNA.user_id, ended_how="answered")
    shown = a.why(*[episode] * 30, line=a.line(customer_name=name), holds_now=tuple(found))

    harmless(command_answers.why(shown, {ANNA.user_id: name}, Limits(), a.noon))


@thorough
@given(text=hostile, name=hostile, result=hostile)
def test_homes(a, harmless, text, name, result):
    line = a.line(customer_name=name, subject=text, preview=text[:300], assigned_to=ANNA.user_id)
    view = home.team_view(
        a.overview(),
        a.page(*[line] * 10, page=2, pages=3),
        Filter.MINE,
        names={ANNA.user_id: name},
        now=a.noon,
        result=result,
    )

    harmless(view)
    harmless(home.customer_view(line, result))
    harmless(home.refusal_view(result))


@thorough
@given(text=hostile, name=hostile)
def test_modals(a, harmless, text, name):
    harmless(modals.whole_message("CASE-0001", a.message(text)))
    meanwhile = modals.WrittenMeanwhile(name, text, text[:3000])
    harmless(modals.reply("CASE-0001", "home", a.readers(named=name), 10))
    harmless(modals.reply("CASE-0001", "home", a.readers("a@x", "b@x"), 10, meanwhile))
    harmless(modals.close("CASE-0001", "home", can_tell=True))
    harmless(modals.note("CASE-0001", "home"))
    harmless(modals.add(1, "home"))


@thorough
@given(markup=hostile, file=hostile, real_name=hostile)
def test_text_from_slack_is_escaped(a, harmless, markup, file, real_name):
    event = {"channel": SHARED.channel_id, "ts": "1772452800.000100", "user": "U0DORA001", "text": markup}
    parsed = read_event(event | {"files": [{"name": file}]}, our_user="U0CASEBK1", our_bot="B0CASEBK1")
    name = name_of({"id": "U0DORA001", "real_name": real_name})
    # Slack allows a name 80 characters: three thousand mentions of a longer one are hundreds of megabytes.
    body = plain(parsed.text, {ANNA.user_id: real_name[:200]})

    harmless(cards.thread([a.message(body, sender_name=name)], {}), updated=True)
    harmless(cards.card(a.card(first=a.message(body)), {}), updated=True)
