"""The numbers in the README are those of the code."""

from datetime import timedelta

import pytest

from bot.mail.account import _TOKEN_SECONDS
from bot.mail.body import STORED
from bot.mail.inbox import ANSWER_WITHIN
from bot.slack import people, poison
from bot.slack.catchup import absence, reading_back, rounds
from bot.slack.line import socket
from bot.slack.screens.home import CASES_A_PAGE
from bot.status import STUCK_AFTER
from bot.web import PATIENCE
from casebook import notices
from casebook.escalation import LISTED_FROM
from casebook.reading_back import READ_WHEN_CLOSED
from tests.papers.page import Page

README = Page.read("README.md")


@pytest.mark.parametrize(
    ("title", "sentence", "number", "in_code"),
    [
        ("Who is who", "kept for five minutes", timedelta(minutes=5), people.KEPT),
        ("Escalation", "More than ten cases that fall due at once share one post", 10, LISTED_FROM - 1),
        ("In Slack", "ten a page", 10, CASES_A_PAGE),
        ("After an absence", "and every three minutes", 180, rounds.EVERY),
        ("After an absence", "closed in the last seven days", timedelta(days=7), READ_WHEN_CLOSED),
        ("After an absence", "the last 20 hours", timedelta(hours=20), reading_back.LOOKED_OVER),
        ("After an absence", "at most 500 messages of a channel", 500, reading_back.LOOKED_OVER_AT_MOST),
        ("After an absence", "the 20 threads", 20, reading_back.THREADS_LOOKED_OVER),
        ("After an absence", "there are more than three", 3, reading_back.ROOMS_FOR_DOUBT),
        ("After an absence", "after five minutes in any case", timedelta(minutes=5), absence.LONG),
        ("After an absence", "a minute later at the earliest", timedelta(minutes=1), reading_back.LAG),
        ("After an absence", "that fails three times", 3, poison.MOST_TRIES),
        ("After an absence", "Tries within 50 seconds", 50, poison.APART_SECONDS),
        ("Mail", "Up to five million characters are kept of a mail", 5_000_000, STORED),
        ("Set up mail", "within 30 seconds and end with status 0", 30, _TOKEN_SECONDS),
        ("Data", "removed after 30 days", timedelta(days=30), notices.KEPT_WHEN_SENT),
        ("Web addresses", "Slack turns red after 25 seconds", timedelta(seconds=25), socket.DEAF_AFTER),
        ("Web addresses", "the inbox 20 seconds after the longer of", 20, ANSWER_WITHIN + 5),
        ("Web addresses", "waits for over 120 seconds", timedelta(seconds=120), STUCK_AFTER),
        ("Web addresses", "When looking takes over five seconds", 5, PATIENCE),
    ],
)
def test_a_number_in_the_readme_is_that_of_the_code(title, sentence, number, in_code):
    assert sentence in README.section(title).text
    assert number == in_code
