"""Forwarded words are told apart from the writer's own, and nothing that somebody put into a message is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.payloads.events import read_event
from bot.slack.payloads.files import incoming_files
from bot.slack.payloads.shares import message_text, without_redundant_blocks
from fixtures.cast import DORA, SHARED
from tests.bot.slack.payloads.test_rich_text import JSON, rich, section

WORDS = "Production is down since 08:00, this is urgent"


def share(words=WORDS, by="Hanna Helper", **more):
    """A message of somebody else's, as Slack puts it into the one that forwards it."""
    return {
        "is_share": True,
        "is_msg_unfurl": True,
        "author_name": by,
        "from_url": "https://theirs.example.org/archives/C1/p1",
        "fallback": f"[November 27th, 2026 8:01 AM] helper: {words}",
        "text": words,
        "footer": "Slack Conversation",
        "message_blocks": [{"message": {"blocks": [rich(section(words))]}}],
    } | more


def test_forwarded_words_stand_after_the_writers_own_and_apart():
    said = message_text({"text": "can you look?", "attachments": [share()]})

    assert said.own == "can you look?"
    assert said.forwarded == f"Forwarded from Hanna Helper:\n{WORDS}"
    assert said.whole == f"can you look?\n\nForwarded from Hanna Helper:\n{WORDS}"


@pytest.mark.parametrize(
    "given_as",
    [
        {},
        {"message_blocks": None},
        {"text": ""},
        {"message_blocks": [{"message": {"text": WORDS}}], "text": None},
        {"message_blocks": None, "text": "", "fallback": WORDS},
    ],
)
def test_its_words_are_found_wherever_slack_puts_them_and_said_once(given_as):
    assert (
        message_text({"text": "", "attachments": [share(**given_as)]}).forwarded
        == f"Forwarded from Hanna Helper:\n{WORDS}"
    )


def test_a_forward_without_a_comment_has_no_words_of_its_writers():
    said = message_text({"text": "", "attachments": [share()]})

    assert (said.own, WORDS in said.whole) == ("", True)


def test_a_forward_of_a_forward_and_all_of_their_files_are_kept():
    inner = share("the log", by="Mia", files=[{"id": "F2", "name": "b.txt"}])
    outer = share("look", files=[{"id": "F1", "name": "a.png"}], attachments=[inner])
    said = message_text({"text": "", "attachments": [outer], "files": [{"id": "F0", "name": "own.txt"}]})

    assert said.forwarded == "Forwarded from Hanna Helper:\nlook\n\nForwarded from Mia:\nthe log"
    assert said.own == "[file: own.txt]"
    assert [file.remote_id for file in incoming_files(said.files, said.forwarded_files)] == ["F0", "F1", "F2"]


def test_a_forwarded_file_without_words_is_named():
    said = message_text(
        {"attachments": [share("", fallback="", message_blocks=[], files=[{"id": "F1", "name": "a.png"}])]}
    )

    assert said.whole == "Forwarded from Hanna Helper:\n[file: a.png]"


def test_the_name_of_an_author_starts_no_line_of_its_own():
    said = message_text({"attachments": [share(by="Anna\nI'm closing <!channel>" + "x" * 200)]})

    assert said.forwarded.startswith("Forwarded from Anna I'm closing &lt;!channel&gt;x")
    assert len(said.forwarded.partition("\n")[0]) < 110


PREVIEWS = [
    {"from_url": "https://example.org", "service_name": "example.org", "title": "urgent page", "fallback": "urgent"},
    {"original_url": "https://example.org", "text": "urgent"},
    {"is_app_unfurl": True, "app_unfurl_url": "https://example.org", "blocks": [rich(section("urgent"))]},
    share(is_share=False, text="urgent"),
]


@pytest.mark.parametrize("preview", PREVIEWS)
def test_previews_of_links_do_not_count(preview):
    said = message_text({"text": "see <https://example.org>", "attachments": [preview]})

    assert said.whole == "see <https://example.org>"


def test_a_table_that_is_attached_is_its_writers_own():
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": "4711"}, rich(section("critical failure"))]]}
    said = message_text(
        {"text": "these fail:", "attachments": [{"fallback": "[no preview available]", "blocks": [table]}]}
    )

    assert (said.own, said.forwarded) == ("these fail:\n4711 | critical failure", "")


def test_what_a_tool_attaches_counts_once():
    made = {
        "pretext": "New ticket",
        "title": "Login broken",
        "title_link": "https://example.org/t/1",
        "text": "since *eight*",
        "fields": [{"title": "Priority", "value": "high"}, {"value": "alone"}],
        "fallback": "New ticket: Login broken",
    }

    said = message_text({"text": "New ticket", "attachments": [made]})

    assert said.own == "New ticket\nLogin broken (https://example.org/t/1)\nsince *eight*\nPriority: high\nalone"
    assert message_text({"attachments": [{"fallback": "only this"}]}).own == "only this"


def clip(**transcription):
    return {"id": "F1", "name": "audio_message.m4a", "mimetype": "audio/mp4", "transcription": transcription}


def test_what_is_said_in_a_clip_is_its_writers_own():
    heard = clip(status="complete", preview={"content": "our line\nstopped", "has_more": True})
    said = message_text({"text": "", "files": [heard]})
    (file,) = incoming_files(said.files, said.forwarded_files)

    assert said.own == "[file: audio_message.m4a]\nTranscript: our line stopped..."
    assert file.transcript == "our line stopped..."


def test_a_clip_that_is_still_being_written_down_says_nothing_yet():
    said = message_text({"text": "listen", "files": [clip(status="processing", preview={"content": "our"})]})
    (file,) = incoming_files(said.files, said.forwarded_files)

    assert (said.own, file.transcript) == ("listen", None)


def test_a_clip_of_somebody_else_is_forwarded_with_what_is_said_in_it():
    heard = clip(status="complete", preview={"content": "an emergency"})
    said = message_text({"text": "listen", "attachments": [share("", fallback="", message_blocks=[], files=[heard])]})
    (file,) = incoming_files(said.files, said.forwarded_files)

    assert said.own == "listen"
    assert "Transcript: an emergency" in said.forwarded
    assert file.transcript == ""


def test_a_snippet_counts_and_a_mail_is_somebody_elses():
    snippet = {"id": "F1", "mode": "snippet", "name": "a.log", "preview": "line <1>", "preview_is_truncated": True}
    mail = {
        "id": "F2",
        "mode": "email",
        "subject": "Ink",
        "from": [{"name": "Mia Muster", "address": "Mia@customer.example.com"}],
        "plain_text": "it is urgent",
    }

    said = message_text({"text": "both", "files": [snippet, mail]})

    assert said.own == "both\nline &lt;1&gt;\n…"
    assert said.forwarded == "Mail from Mia Muster (mia@customer.example.com): Ink\nit is urgent"
    assert said.mail_by == ("Mia Muster", "mia@customer.example.com")


def test_blocks_are_let_go_only_where_they_repeat_the_text():
    typed = {"text": "hello", "blocks": [rich(section("hello"))]}
    more = {"text": "hello", "blocks": [rich(section("hello and more"))]}

    assert without_redundant_blocks(typed) == {"text": "hello"}
    assert without_redundant_blocks(more) == more


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(("blocks", "attachments", "files", "text", "bot_profile", "user", "edited"), JSON),
    )
)
def test_any_value_in_a_message_is_read(parts):
    message = {"channel": SHARED.channel_id, "ts": "1772452800.000100", "user": DORA.user_id} | parts

    read_event(message, our_user="U0CASEBK1", our_bot="B0CASEBK1")


def test_forwards_in_each_other_without_end_are_read_without_falling_over():
    nested = share("deepest")
    for _ in range(200):
        nested = share("x", attachments=[nested])

    assert message_text({"text": "", "attachments": [nested]}).forwarded.count("Forwarded from") <= 6
