"""The rules at their limits: urgent words, closing words, silence, follow-ups."""
# ruff: noqa: RUF001 (look-alike apostrophes and spaces are what is tested)

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.rules import (
    CaseFacts,
    Limits,
    ReasonKind,
    check_followup_escalation,
    check_keyword_escalation,
    check_time_escalation,
    detect_closure_phrase,
    detect_urgent_keywords,
    duration,
    ordinal,
    should_escalate_case,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PHRASE = "I'm closing this case."


def after(**length):
    return NOON + timedelta(**length)


# Keywords


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("This is urgent", ("urgent",)),
        ("URGENT!!!", ("urgent",)),
        ("Please look at it urgently", ("urgent",)),
        ("non-urgent", ("urgent",)),
        ("(urgent)", ("urgent",)),
        ("*urgent*", ("urgent",)),
        ("ur\u200bgent", ("urgent",)),
        ("a Critical emergency", ("critical", "emergency")),
        ("immediately, and I mean immediately", ("immediately",)),
        ("This is\nurgent", ("urgent",)),
    ],
)
def test_an_urgent_word_counts_where_it_starts_at_a_word_boundary(text, found):
    assert detect_urgent_keywords(text) == found


@pytest.mark.parametrize("text", ["_urgent_", "It is _really_ _urgent_.", "__urgent__"])
def test_an_urgent_word_in_italics_counts(text):
    assert detect_urgent_keywords(text) == ("urgent",)


@pytest.mark.parametrize("text", ["insurgent", "hypercritical", "an 8urgent", "", "nothing of that kind", "urgen t"])
def test_an_urgent_word_inside_another_does_not_count(text):
    assert detect_urgent_keywords(text) == ()


@pytest.mark.parametrize(
    "text",
    ["> urgent", ">urgent", "  > urgent", "&gt; urgent", "> > urgent", "Yes, thanks\n> urgent\nbye", "> urgent\r\n"],
)
def test_urgency_in_quoted_lines_does_not_count(text):
    assert detect_urgent_keywords(text) == ()


def test_urgency_beside_quoted_lines_counts():
    assert detect_urgent_keywords("> how are you?\nIt is urgent\n> so so") == ("urgent",)


def test_the_operator_chooses_the_keywords():
    keywords = ("a.s.a.p", "", "outage")

    assert detect_urgent_keywords("A.S.A.P. please, an OUTAGE", keywords) == ("a.s.a.p", "outage")
    assert detect_urgent_keywords("axsxaxp", keywords) == ()
    assert detect_urgent_keywords("urgent", keywords) == ()


@pytest.mark.parametrize("keywords", [(), ("",)])
def test_without_keywords_nothing_is_urgent(keywords):
    assert detect_urgent_keywords("urgent", keywords) == ()


def test_the_evidence_names_the_words():
    reason = check_keyword_escalation("critical! URGENT! critical!")

    assert reason is not None
    assert (reason.kind, reason.evidence) == (ReasonKind.KEYWORDS, 'says "critical", "urgent"')


# Closing


@pytest.mark.parametrize(
    "text",
    [
        "I'm closing this case.",
        "I’m closing this case.",
        "I‘m closing this case.",
        "Iʼm closing this case.",
        "I＇m closing this case.",
        "i'M CLOSING tHIS cASE.",
        "I'm closing this case",
        "I'm closing this case  ",
        "I'm closing this case\nBye, Anna",
        "I'm closing this case\r\nBye, Anna",
        "Thanks! I'm closing this case. Bye.",
        "Thanks!I'm closing this case.Bye.",
        "I'm closing this case .",
        "I'm  closing\tthis   case.",
        "I'm closing\nthis case.",
        "I'm closing\r\nthis\r\ncase.",
        "I'm\u00a0closing\u00a0this\u00a0case.",
        "I'm closing\u202fthis\u2009case.",
        "I'm clos\u00ading this\u200b case.",
        "*I'm closing this case.*",
        "_I'm closing this case._",
        "*_I'm closing this case_*",
        "~I'm~ *closing* _this_ `case`.",
        "```I'm closing this case.```",
        "(I'm closing this case.)",
        "> Is it solved?\nI'm closing this case.",
        "I'm closing this case.\n> thanks",
    ],
)
def test_the_phrase_closes_however_it_is_typed(text):
    assert detect_closure_phrase(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'm closing this case because it is solved",
        "I'm closing this case, bye",
        "I'm closing this case tomorrow.",
        "I'm closing this cases.",
        "I'm closing the case.",
        "I am closing this case.",
        "Im closing this case.",
        "I'm closingthis case.",
        "Hi'm closing this case.",
        "I'm not closing this case.",
        "",
    ],
)
def test_other_words_do_not_close(text):
    assert not detect_closure_phrase(text)


@pytest.mark.parametrize(
    "text",
    [
        "> I'm closing this case.",
        ">I'm closing this case.",
        "  >> I'm closing this case.",
        "&gt; I'm closing this case.",
        "\u00a0> I'm closing this case.",
        "\u200b> I'm closing this case.",
        "Please don't write\n> I'm closing this case.\nagain",
        "> I'm closing\n> this case.",
    ],
)
def test_the_phrase_in_a_quoted_line_does_not_close(text):
    assert not detect_closure_phrase(text)


@given(
    lines=st.lists(
        st.one_of(
            st.builds(
                lambda indent, mark, before, after: f"{indent}{mark}{before}{PHRASE}{after}",
                st.text(" \t", max_size=4),
                st.sampled_from([">", "> ", ">> ", "&gt; "]),
                st.text("ab ?.,*_>", max_size=8),
                st.text("ab ?.,*_>", max_size=8),
            ),
            st.text("ab ?.,*_", max_size=12),
        )
    ),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_no_quoted_line_ever_closes_whatever_stands_around_it(lines, newline):
    assert not detect_closure_phrase(newline.join(lines))


@given(before=st.text("ab ?.,*_\n", max_size=12), after=st.text("ab ?,*_\n", max_size=12))
def test_the_phrase_on_a_line_of_its_own_always_closes(before, after):
    assert detect_closure_phrase(f"{before}\n{PHRASE}\n{after}")


@given(st.text())
def test_any_text_can_be_checked(text):
    assert detect_closure_phrase(text) in (True, False)
    assert set(detect_urgent_keywords(text)) <= set(Limits().keywords)


# Silence


def test_silence_of_exactly_the_limit_is_not_due():
    assert check_time_escalation(NOON, after(hours=48)) is None


def test_a_second_more_than_the_limit_is_due():
    reason = check_time_escalation(NOON, after(hours=48, seconds=1))

    assert reason is not None
    assert reason.kind is ReasonKind.SILENCE


@pytest.mark.parametrize(
    ("waiting", "words"),
    [(True, "waiting for our answer for 49 h"), (False, "quiet for 49 h since our answer")],
)
def test_the_reason_says_whose_turn_it_is(waiting, words):
    reason = check_time_escalation(NOON, after(hours=49, minutes=59), waiting=waiting)

    assert reason is not None
    assert reason.evidence == words


def test_silence_after_our_answer_can_be_ignored():
    limits = Limits(quiet=False)

    assert check_time_escalation(NOON, after(hours=49), limits=limits, waiting=False) is None
    assert check_time_escalation(NOON, after(hours=49), limits=limits, waiting=True) is not None


def test_the_limit_may_be_a_fraction_of_an_hour():
    limits = Limits(silence=timedelta(hours=0.001))

    assert check_time_escalation(NOON, after(seconds=3.6), limits=limits) is None
    assert check_time_escalation(NOON, after(seconds=3.7), limits=limits) is not None


def test_no_case_is_due_after_the_clock_was_set_back():
    assert check_time_escalation(NOON, after(hours=-100)) is None


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(days=10), "240 h"),
    ],
)
def test_a_length_of_time_is_said_in_whole_units(length, words):
    assert duration(length) == words


# Follow-ups


def test_the_third_message_does_not_escalate_and_the_fourth_does():
    assert check_followup_escalation(3) is None
    assert check_followup_escalation(4) is not None


def test_the_evidence_says_how_many_and_since_when():
    reason = check_followup_escalation(4, since=NOON)

    assert reason is not None
    assert reason.evidence == "fourth message since 2026-03-02 12:00 UTC without an answer"


def test_the_operator_chooses_how_many_follow_ups():
    limits = Limits(follow_ups=0)

    assert check_followup_escalation(0, limits=limits) is None
    assert check_followup_escalation(1, limits=limits) is not None


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (1, "first"),
        (4, "fourth"),
        (10, "tenth"),
        (11, "11th"),
        (12, "12th"),
        (21, "21st"),
        (22, "22nd"),
        (113, "113th"),
    ],
)
def test_ordinals_are_words_up_to_the_tenth(number, words):
    assert ordinal(number) == words


# All together


def test_there_is_no_reason_when_no_rule_applies():
    facts = CaseFacts(silent_since=NOON, waiting_since=NOON, unanswered=3, new_text="hello")

    assert should_escalate_case(facts, now=after(hours=1)) == ()


def test_every_rule_that_applies_gives_a_reason():
    facts = CaseFacts(silent_since=NOON, waiting_since=NOON, unanswered=4, new_text="urgent")

    reasons = should_escalate_case(facts, now=after(hours=49))

    assert [reason.kind for reason in reasons] == [ReasonKind.KEYWORDS, ReasonKind.FOLLOW_UPS, ReasonKind.SILENCE]
    assert reasons[2].evidence == "waiting for our answer for 49 h"
