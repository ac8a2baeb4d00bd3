"""The numbers in the pages are those of the code."""

from datetime import timedelta

import pytest

from bot.files.limits import LARGEST, MOST_FILES, MOST_TOGETHER
from bot.mail.imap.account import _TOKEN_SECONDS
from bot.mail.inbox import ANSWER_WITHIN
from bot.mail.mime.budget import PARTS
from bot.mail.text.body import STORED
from bot.settings import VARIABLES
from bot.slack.catchup import channel_scan, reading_back, rounds
from bot.slack.context import failure_counter, mentioned, people
from bot.slack.screens.home import CASES_PER_PAGE
from bot.slack.socket_mode import socket
from bot.status import STUCK_AFTER
from bot.web import PATIENCE
from casebook import notices
from casebook.admin import outages
from casebook.admin.backfill import READ_WHEN_CLOSED
from casebook.escalation import LISTED_FROM
from casebook.intake import acknowledgements
from tests.papers.page import database, how_it_decides, install_mail, mail, operating, readme, using_slack

PEOPLE = how_it_decides().section("Who is an admin")
ESCALATION = how_it_decides().section("Escalation")
ABSENCE = operating().section("After an absence")
ATTACHMENTS = using_slack().section("Attachments")
WEB = operating().section("Web addresses")


@pytest.mark.parametrize(
    ("page", "sentence", "number", "in_code"),
    [
        (PEOPLE, "keeps the answer for five minutes", timedelta(minutes=5), people.CACHED_FOR),
        (PEOPLE, "it keeps the answer for one minute", timedelta(minutes=1), people.ADMINS_CACHED_FOR),
        (PEOPLE, "within the last hour", timedelta(hours=1), people.LAST_KNOWN_FOR),
        (PEOPLE, "at most twenty for each message", 20, mentioned.MAX_MENTIONS_LOOKED_UP),
        (PEOPLE, "forty a minute", 40, people.NAME_LOOKUPS_A_MINUTE),
        (ESCALATION, "More than ten cases that fall due at once share one post", 10, LISTED_FROM - 1),
        (using_slack().section("What you see"), "ten a page", 10, CASES_PER_PAGE),
        (ABSENCE, "and every three minutes", 180, rounds.EVERY),
        (ABSENCE, "closed in the last seven days", timedelta(days=7), READ_WHEN_CLOSED),
        (ABSENCE, "the last 20 hours", timedelta(hours=20), channel_scan.CHECKED_FOR),
        (ABSENCE, "at most 500 messages of a channel", 500, reading_back.CHECKED_MESSAGES),
        (ABSENCE, "the 20 threads", 20, reading_back.CHECKED_THREADS),
        (ABSENCE, "there are more than three", 3, channel_scan.BELIEVED_WHEN_ALL_GONE),
        (ABSENCE, "after five minutes in any case", timedelta(minutes=5), outages.LONG),
        (ABSENCE, "a minute later at the earliest", timedelta(minutes=1), reading_back.LAG),
        (ABSENCE, "that fails three times", 3, failure_counter.MAX_TRIES),
        (ABSENCE, "Tries within 50 seconds", 50, failure_counter.SECONDS_BETWEEN_TRIES),
        (mail(), "Up to five million characters are kept of a mail", 5_000_000, STORED),
        (mail(), "200 parts of it are read", 200, PARTS),
        (mail(), "at most once in 24 hours", timedelta(hours=24), acknowledgements.ONCE_IN),
        (mail(), "at most 30 people in an hour", 30, acknowledgements.AT_MOST_AN_HOUR),
        (ATTACHMENTS, "at most 20 files are kept", 20, MOST_FILES),
        (ATTACHMENTS, "of 25 MB each and 50 MB together", (25_000_000, 50_000_000), (LARGEST, MOST_TOGETHER)),
        (install_mail(), "within 30 seconds and end with status 0", 30, _TOKEN_SECONDS),
        (database(), "removed after 30 days", timedelta(days=30), notices.KEPT_WHEN_SENT),
        (WEB, "Slack turns red after 25 seconds", timedelta(seconds=25), socket.DEAF_AFTER),
        (WEB, "a silence that is 20 seconds longer than the longer of", 20, ANSWER_WITHIN + 5),
        (WEB, "waits for over 120 seconds", timedelta(seconds=120), STUCK_AFTER),
        (WEB, "When looking takes over five seconds", 5, PATIENCE),
    ],
)
def test_a_number_on_a_page_is_that_of_the_code(page, sentence, number, in_code):
    assert sentence in page.text
    assert number == in_code


@pytest.mark.parametrize(
    ("sentence", "variable", "default"),
    [
        ("silent for 48 hours", "ESCALATION_HOURS", "48"),
        ("a fourth message without an answer", "ESCALATION_FOLLOWUPS", "3"),
        ("take an answer back for ten seconds", "UNDO_SECONDS", "10"),
    ],
)
def test_a_number_in_the_readme_is_the_default_of_its_setting(sentence, variable, default):
    assert sentence in readme().section("What it does").text
    assert VARIABLES[variable].metadata["default"] == default
