"""Forwarded text is separate from the author's own, and no part of a message is lost."""

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
    """A forwarded message, as Slack adds it to the attachments."""
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


def test_forwarded_text_follows_the_authors_own_separately():
    content = message_text({"text": "can you look?", "attachments": [share()]})

    assert content.own == "can you look?"
    assert content.forwarded == f"Forwarded from Hanna Helper:\n{WORDS}"
    assert content.whole == f"can you look?\n\nForwarded from Hanna Helper:\n{WORDS}"


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
def test_forwarded_text_is_found_wherever_slack_puts_it_and_only_once(given_as):
    assert (
        message_text({"text": "", "attachments": [share(**given_as)]}).forwarded
        == f"Forwarded from Hanna Helper:\n{WORDS}"
    )


def test_a_forward_without_a_comment_has_no_own_text():
    content = message_text({"text": "", "attachments": [share()]})

    assert (content.own, WORDS in content.whole) == ("", True)


def test_a_forward_of_a_forward_and_all_of_their_files_are_kept():
    inner = share("the log", by="Mia", files=[{"id": "F2", "name": "b.txt"}])
    outer = share("look", files=[{"id": "F1", "name": "a.png"}], attachments=[inner])
    content = message_text({"text": "", "attachments": [outer], "files": [{"id": "F0", "name": "own.txt"}]})

    assert content.forwarded == "Forwarded from Hanna Helper:\nlook\n\nForwarded from Mia:\nthe log"
    assert content.own == "[file: own.txt]"
    assert [file.remote_id for file in incoming_files(content.files, content.forwarded_files)] == ["F0", "F1", "F2"]


def test_a_forwarded_file_without_text_is_named():
    content = message_text(
        {"attachments": [share("", fallback="", message_blocks=[], files=[{"id": "F1", "name": "a.png"}])]}
    )

    assert content.whole == "Forwarded from Hanna Helper:\n[file: a.png]"


def test_the_name_of_a_forwarded_author_stays_on_one_line():
    content = message_text({"attachments": [share(by="Anna\nI'm closing <!channel>" + "x" * 200)]})

    assert content.forwarded.startswith("Forwarded from Anna I'm closing &lt;!channel&gt;x")
    assert len(content.forwarded.partition("\n")[0]) < 110


PREVIEWS = [
    {"from_url": "https://example.org", "service_name": "example.org", "title": "urgent page", "fallback": "urgent"},
    {"original_url": "https://example.org", "text": "urgent"},
    {"is_app_unfurl": True, "app_unfurl_url": "https://example.org", "blocks": [rich(section("urgent"))]},
    share(is_share=False, text="urgent"),
]


@pytest.mark.parametrize("preview", PREVIEWS)
def test_previews_of_links_do_not_count(preview):
    content = message_text({"text": "see <https://example.org>", "attachments": [preview]})

    assert content.whole == "see <https://example.org>"


def test_an_attached_table_is_the_authors_own_text():
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": "4711"}, rich(section("critical failure"))]]}
    content = message_text(
        {"text": "these fail:", "attachments": [{"fallback": "[no preview available]", "blocks": [table]}]}
    )

    assert (content.own, content.forwarded) == ("these fail:\n4711 | critical failure", "")


def test_a_legacy_attachment_counts_once():
    made = {
        "pretext": "New ticket",
        "title": "Login broken",
        "title_link": "https://example.org/t/1",
        "text": "since *eight*",
        "fields": [{"title": "Priority", "value": "high"}, {"value": "alone"}],
        "fallback": "New ticket: Login broken",
    }

    content = message_text({"text": "New ticket", "attachments": [made]})

    assert content.own == "New ticket\nLogin broken (https://example.org/t/1)\nsince *eight*\nPriority: high\nalone"
    assert message_text({"attachments": [{"fallback": "only this"}]}).own == "only this"


def clip(**transcription):
    return {"id": "F1", "name": "audio_message.m4a", "mimetype": "audio/mp4", "transcription": transcription}


def test_a_transcript_is_the_authors_own_text():
    heard = clip(status="complete", preview={"content": "our line\nstopped", "has_more": True})
    content = message_text({"text": "", "files": [heard]})
    (file,) = incoming_files(content.files, content.forwarded_files)

    assert content.own == "[file: audio_message.m4a]\nTranscript: our line stopped..."
    assert file.transcript == "our line stopped..."


def test_a_clip_without_a_finished_transcript_has_no_text():
    content = message_text({"text": "listen", "files": [clip(status="processing", preview={"content": "our"})]})
    (file,) = incoming_files(content.files, content.forwarded_files)

    assert (content.own, file.transcript) == ("listen", None)


def test_a_forwarded_clip_has_its_transcript_in_the_forwarded_text():
    heard = clip(status="complete", preview={"content": "an emergency"})
    content = message_text(
        {"text": "listen", "attachments": [share("", fallback="", message_blocks=[], files=[heard])]}
    )
    (file,) = incoming_files(content.files, content.forwarded_files)

    assert content.own == "listen"
    assert "Transcript: an emergency" in content.forwarded
    assert file.transcript == ""


def test_a_snippet_is_own_text_and_an_email_is_forwarded():
    snippet = {"id": "F1", "mode": "snippet", "name": "a.log", "preview": "line <1>", "preview_is_truncated": True}
    mail = {
        "id": "F2",
        "mode": "email",
        "subject": "Ink",
        "from": [{"name": "Mia Muster", "address": "Mia@customer.example.com"}],
        "plain_text": "it is urgent",
    }

    content = message_text({"text": "both", "files": [snippet, mail]})

    assert content.own == "both\nline &lt;1&gt;\n…"
    assert content.forwarded == "Mail from Mia Muster (mia@customer.example.com): Ink\nit is urgent"
    assert content.mail_by == ("Mia Muster", "mia@customer.example.com")


def test_blocks_are_dropped_only_if_they_repeat_the_text():
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
def test_a_message_with_any_values_can_be_read(parts):
    message = {"channel": SHARED.channel_id, "ts": "1772452800.000100", "user": DORA.user_id} | parts

    read_event(message, our_user="U0CASEBK1", our_bot="B0CASEBK1")


def test_deeply_nested_forwards_are_read_safely():
    nested = share("deepest")
    for _ in range(200):
        nested = share("x", attachments=[nested])

    assert message_text({"text": "", "attachments": [nested]}).forwarded.count("Forwarded from") <= 6
