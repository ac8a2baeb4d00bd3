"""Files that customers and admins send by mail and in Slack reach their recipients once."""

import stat
from datetime import timedelta
from email.message import EmailMessage

import pytest

from bot.mail.parse import read_mail
from fixtures.cast import ALERTS, ANNA, DORA, EMIL, INBOX, MAIL_CUSTOMERS, SECOND, SHARED, SUPPORT
from fixtures.workspace.http.files import Upload

MIA = "mia@customer.example.com"
PDF = b"%PDF-1.7 \x00\xff" * 1000
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40


def letter(*files, text="Please see the attached invoice.", subject="Invoice 17", html=""):
    """A mail from Mia with these files: name and content, and a Content-ID for images that its HTML shows."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = MIA, INBOX, subject
    mail["Message-ID"] = f"<{subject.replace(' ', '')}@customer.example.com>"
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    for name, content, *content_id in files:
        kind = ("image", "png") if name.endswith(".png") else ("application", "pdf")
        mail.add_attachment(content, maintype=kind[0], subtype=kind[1], filename=name)
        if content_id:
            list(mail.iter_attachments())[-1]["Content-ID"] = f"<{content_id[0]}>"
    return mail.as_bytes()


def uploaded(play, channel=SUPPORT):
    """Title and bytes of each file in the threads of a channel."""
    replies = [reply for post in play.slack.messages(channel) for reply in play.slack.thread(channel, post.ts)]
    files = [file for reply in replies for file in reply.files]
    return [(file["title"], play.slack.state.files[file["id"]].content) for file in files]


def kept(play):
    folder = play.bot.settings.attachments
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_files_of_a_mail_are_posted_in_the_thread_of_its_case_and_stored_privately(play):
    async with play.performed():
        await play.stage.mailbox.deliver(letter(("invoice.pdf", PDF), ("../photo.png", PICTURE)))
        await play.until(lambda: uploaded(play), "the files under the card")
        (shown,) = play.shown(SUPPORT)
        modes = {stat.S_IMODE(path.stat().st_mode) for path in kept(play)}

    assert uploaded(play) == [("invoice.pdf", PDF), ("photo.png", PICTURE)]
    assert "2 attachments: invoice.pdf (11 kB), photo.png (10 kB)" in shown
    assert modes == {0o600}
    assert play.read("SELECT name, state, size FROM attachments ORDER BY position") == [
        ("invoice.pdf", "kept", len(PDF)),
        ("photo.png", "kept", len(PICTURE)),
    ]
    assert play.slack.state.leaks == []


async def test_files_of_a_later_mail_are_posted_after_its_text(play):
    async with play.performed():
        await play.stage.mailbox.deliver(letter(text="It is wrong."))
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        await play.stage.mailbox.deliver(letter(("invoice.pdf", PDF), subject="Invoice 18"))
        await play.until(lambda: uploaded(play), "the file")
        (card,) = play.slack.messages(SUPPORT)
        text, files = play.slack.thread(SUPPORT, card.ts)

    assert "1 attachment: invoice.pdf (11 kB)" in play.slack.shows(text)
    assert [file["title"] for file in files.files] == ["invoice.pdf"]


async def test_a_picture_is_uploaded_and_the_logo_of_a_signature_is_only_stored(play):
    html = '<p>See the picture</p><img src="cid:shot@x"><p>Mia</p><img src="cid:logo@x">'
    async with play.performed():
        logo, shot = ("image001.png", PICTURE[:2000], "logo@x"), ("image002.png", PICTURE * 20, "shot@x")
        await play.stage.mailbox.deliver(letter(logo, shot, html=html))
        await play.until(lambda: uploaded(play), "the picture")
        (shown,) = play.shown(SUPPORT)

    assert uploaded(play) == [("image002.png", PICTURE * 20)]
    assert "1 attachment: image002.png" in shown
    assert play.read("SELECT name, state, embedded FROM attachments ORDER BY position") == [
        ("image001.png", "kept", 1),
        ("image002.png", "kept", 0),
    ]


async def test_files_over_the_limits_are_listed_with_their_size_and_not_stored(slack_play):
    async with slack_play.performed() as play:
        file = Upload("huge.bin", b"\0" * 25_000_001)
        await play.slack.write(DORA, SHARED, "Here it is", files=(file, Upload("small.txt", b"hello")))
        await play.until(lambda: uploaded(play), "the small one")
        await play.until(lambda: "not kept" in play.shown(SUPPORT)[0], "the large one to be named")

    assert uploaded(play) == [("small.txt", b"hello")]
    assert "huge.bin (25 MB, not kept: too large, the most is 25 MB)" in play.shown(SUPPORT)[0]


async def test_a_customers_file_in_slack_is_fetched_after_the_acknowledgement_and_kept(slack_play):
    async with slack_play.performed() as play:
        play.slack.faults.hang("download")
        await play.slack.write(DORA, SHARED, "See this", files=(Upload("screenshot.png", PICTURE),))
        await play.until(lambda: play.slack.state.downloads, "the download to begin")
        acknowledged = play.slack.envelopes[0].acknowledged_at
        waiting = play.read("SELECT state FROM attachments")
        play.slack.faults.clear()
        await play.until(lambda: uploaded(play), "the file under the card")

    assert acknowledged is not None
    assert waiting == [("waiting",)]
    assert uploaded(play) == [("screenshot.png", PICTURE)]
    assert play.read("SELECT name, content_type, state FROM attachments") == [("screenshot.png", "image/png", "kept")]


async def test_a_file_that_waited_is_fetched_after_a_restart(slack_play):
    async with slack_play.performed() as play:
        play.slack.faults.server_error("download", times=None)
        await play.slack.write(DORA, SHARED, "See this", files=("screenshot.png",))
        await play.until(lambda: play.slack.state.downloads, "a download that fails")
    play.slack.faults.clear()
    async with slack_play.performed() as play:
        await play.until(lambda: uploaded(play), "the file under the card", 30)

    assert [name for name, _ in uploaded(play)] == ["screenshot.png"]


@pytest.mark.parametrize("method", ["files.completeUploadExternal", "files.getUploadURLExternal", "upload"])
async def test_an_upload_whose_answer_was_lost_is_shown_once(method, slack_play):
    async with slack_play.performed() as play:
        play.slack.faults.drop_after_accept(method)
        await play.slack.write(DORA, SHARED, "See this", files=(Upload("a.txt", b"a"), Upload("b.txt", b"b")))
        sent = lambda: play.read("SELECT state FROM notices WHERE kind = 'files'") == [("sent",)]  # noqa: E731
        await play.until(lambda: uploaded(play) and sent(), "the files, and the book to know it", 30)

    assert uploaded(play) == [("a.txt", b"a"), ("b.txt", b"b")]


async def test_an_upload_that_was_shown_just_before_a_crash_is_not_shown_again(slack_play):
    async with slack_play.performed() as play:
        play.slack.faults.drop_after_accept("files.completeUploadExternal", times=1)
        play.slack.faults.server_error("conversations.replies", times=None)
        await play.slack.write(DORA, SHARED, "See this", files=(Upload("a.txt", b"a"),))
        await play.until(lambda: any(c.method == "conversations.replies" for c in play.slack.calls), "a look-up", 30)
    play.slack.faults.clear()
    async with slack_play.performed() as play:
        sent = lambda: play.read("SELECT state FROM notices WHERE kind = 'files'") == [("sent",)]  # noqa: E731
        await play.until(lambda: play.slack.connections and sent(), "the book to know it", 30)

    assert uploaded(play) == [("a.txt", b"a")]


async def test_an_upload_without_an_answer_is_taken_back_when_its_message_is_deleted_meanwhile(slack_play):
    async with slack_play.performed() as play:
        play.slack.faults.drop_after_accept("files.completeUploadExternal")
        play.slack.faults.server_error("conversations.replies", times=None)
        ts = await play.slack.write(DORA, SHARED, "See this", files=(Upload("a.txt", b"a"),))
        await play.until(lambda: uploaded(play), "the file under the card", 30)
        await play.slack.delete(SHARED, ts)
        await play.until(lambda: uploaded(play) == [], "the file to be gone", 30)
        sent = lambda: play.read("SELECT state FROM notices WHERE kind = 'files'") == [("sent",)]  # noqa: E731
        await play.until(sent, "the book to know it", 30)


async def test_an_upload_that_is_refused_is_named_under_the_card_and_goes_out_when_it_may(slack_play):
    async with slack_play.performed() as play:
        play.slack.scopes.discard("files:write")
        await play.slack.write(DORA, SHARED, "See this", files=(Upload("a.txt", b"a"),))
        await play.until(lambda: "missing_scope" in play.shown(SUPPORT)[0] if play.shown(SUPPORT) else "", "the reason")
        play.slack.scopes.add("files:write")
        await play.until(lambda: uploaded(play), "the file", 30)
        await play.until(lambda: "missing_scope" not in play.shown(SUPPORT)[0], "the reason to be gone")


async def test_a_file_of_another_organisation_is_asked_for_by_its_id(slack_play):
    async with slack_play.performed() as play:
        await play.slack.write(DORA, SHARED, "", files=(Upload("plan.pdf", PDF),))
        await play.until(lambda: uploaded(play), "the file")

    assert uploaded(play) == [("plan.pdf", PDF)]


ELSEWHERE = {
    "another host": {"url_private_download": "http://127.0.0.1:1/files-pri/x"},
    "a host that only looks like it": {"url_private_download": "http://127.0.0.1.evil.example.com/x"},
    "an external file": {"is_external": True, "url_private": "https://drive.example.com/x"},
    "no address": {"url_private_download": "", "url_private": "", "mode": "tombstone"},
}


@pytest.mark.parametrize("case", ELSEWHERE)
async def test_the_token_is_sent_to_slack_only(case, slack_play):
    async with slack_play.performed() as play:
        play.slack.faults.slow(0.2)
        await play.slack.write(DORA, SHARED, "See this", files=(Upload("a.txt", b"a"),))
        (file,) = play.slack.state.files.values()
        file.changes |= ELSEWHERE[case]
        await play.until(lambda: play.read("SELECT state FROM attachments") == [("left out",)], "the decision")

    assert play.slack.state.downloads == []
    assert uploaded(play) == []


async def test_a_redirection_is_not_followed(slack_play):
    async with slack_play.performed() as play:
        play.slack.faults.fail("download", f"{play.slack.backend.base_url}/files-pri/elsewhere/x.txt")
        await play.slack.write(DORA, SHARED, "See this", files=(Upload("a.txt", b"a"),))
        await play.until(lambda: play.read("SELECT state FROM attachments") == [("left out",)], "the decision")

    assert len(play.slack.state.downloads) == 1
    assert play.read("SELECT why_not FROM attachments") == [("Slack does not give it (HTTP 302)",)]


async def test_an_html_page_instead_of_a_file_is_not_stored(slack_play):
    async with slack_play.performed() as play:
        await play.slack.write(DORA, SHARED, "See this", files=(Upload("a.txt", b"<html>", "text/html"),))
        (file,) = play.slack.state.files.values()
        file.changes |= {"mimetype": "text/plain"}
        await play.until(lambda: play.read("SELECT state FROM attachments") == [("left out",)], "the decision")

    assert play.read("SELECT why_not FROM attachments") == [("Slack answered with a page instead",)]


async def test_the_files_of_an_answer_under_the_card_are_posted_in_the_customers_thread(slack_play):
    async with slack_play.performed(UNDO_SECONDS="0.5") as play:
        question = await play.slack.write(DORA, SECOND, "Where is the manual?")
        (card,) = await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        manual = Upload("manual.pdf", PDF)
        await play.slack.write(ANNA, SUPPORT, "reply: Here it is.", thread_ts=card.ts, files=(manual,))
        await play.until(lambda: uploaded(play, SECOND), "the manual", 30)
        answer, files = play.slack.thread(SECOND, question)

    assert answer.text == "Here it is."
    assert [file["title"] for file in files.files] == ["manual.pdf"]
    assert [name for name, _ in uploaded(play)] == ["manual.pdf"], "only the admin's own message holds it there"


async def test_the_files_of_an_answer_go_out_with_it_by_mail(play):
    box = play.stage.mailbox
    async with play.performed(UNDO_SECONDS="0.5"):
        await play.mail("Where is the manual?", sender=MAIL_CUSTOMERS[0])
        (card,) = await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        manual = Upload("manual.pdf", PDF)
        await play.slack.write(ANNA, SUPPORT, "reply: Here it is.", thread_ts=card.ts, files=(manual,))
        await play.until(lambda: box.sent, "the mail", 30)

    read = read_mail(box.sent[0].raw)
    assert read.new_text == "Here it is."
    assert [(file.filename, file.content) for file in read.attachments] == [("manual.pdf", PDF)]


async def test_a_notes_files_never_reach_the_customer(slack_play):
    async with slack_play.performed() as play:
        await play.slack.write(DORA, SECOND, "Where is the manual?")
        (card,) = await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        await play.slack.write(ANNA, SUPPORT, "for us only", thread_ts=card.ts, files=(Upload("notes.txt", b"hm"),))
        await play.until(lambda: play.read("SELECT state FROM attachments") == [("kept",)], "the file to be kept")
        await play.until(lambda: play.read("SELECT id FROM notices WHERE state = 'pending'") == [], "all to be said")

    assert uploaded(play, SECOND) == []
    assert not any(call.method == "files.completeUploadExternal" for call in play.slack.calls)


async def test_the_files_of_a_deleted_message_are_removed_from_the_card_the_database_and_the_disk(slack_play):
    async with slack_play.performed() as play:
        for person in (DORA, EMIL):
            where = SHARED if person is DORA else SECOND
            await play.slack.write(person, where, f"I am {person.name}", files=(Upload("same.txt", b"same"),))
        await play.slack.write(DORA, SHARED, "and this", files=(Upload("secret.txt", b"secret"),))
        await play.until(lambda: len(uploaded(play)) == 3, "three files")
        for post in play.slack.messages(SHARED):
            await play.slack.delete(SHARED, post.ts)
        await play.until(lambda: len(uploaded(play)) == 1, "two copies to be deleted", 30)
        await play.until(lambda: "secret.txt" not in "".join(play.shown(SUPPORT)), "their names to be gone", 30)
        play.bot.clock.push(timedelta(hours=2))
        await play.bot.build_jobs().sweep()
        left = [path.read_bytes() for path in kept(play)]

    assert left == [b"same"]
    assert play.read("SELECT COUNT(*) FROM attachments WHERE state = 'deleted' AND name = '' AND sha256 = ''") == [(2,)]


async def test_without_a_folder_files_are_listed_and_not_stored(play):
    async with play.performed(ATTACHMENTS="none"):
        await play.stage.mailbox.deliver(letter(("invoice.pdf", PDF)))
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        await play.slack.write(DORA, SHARED, "See this", files=("a.txt",))
        await play.until(lambda: len(play.slack.messages(SUPPORT)) == 2, "two cards")
        shown = "\n".join(play.shown(SUPPORT))

    assert shown.count("not kept: attachments are not kept here") == 2
    assert play.slack.state.downloads == []


async def test_a_folder_that_cannot_be_written_loses_no_mail_and_is_reported_once(play):
    async with play.performed():
        folder = play.bot.settings.attachments
        folder.rename(folder.with_name("away"))
        folder.write_text("no folder any more")
        for number in range(2):
            await play.stage.mailbox.deliver(letter(("invoice.pdf", PDF), subject=f"Invoice {number}"))
            await play.until(lambda n=number: play.read("SELECT COUNT(*) FROM messages") == [(n + 1,)], "the mail")
        told = play.read("SELECT payload FROM notices WHERE kind = 'log'")
        await play.until(lambda: play.slack.messages(SUPPORT), "a card")
        shown = "\n".join(play.shown(SUPPORT))

    assert len(told) == 1
    assert "the folder for attachments cannot be written to" in told[0][0]
    assert "invoice.pdf (11 kB, not kept: the folder for attachments cannot be written to)" in shown


@pytest.mark.parametrize(
    ("attachments", "sentence"),
    [
        ("file/kept", "file/kept cannot be written to (Not a directory); name another folder, or none."),
        ("", "ATTACHMENTS is missing, since the book is on PostgreSQL"),
    ],
)
async def test_an_impossible_folder_ends_the_start_with_a_sentence(
    attachments, sentence, *, program, slack_stage, sqlite_url, tmp_path
):
    (tmp_path / "file").write_text("no folder")
    url = sqlite_url if attachments else "postgresql://nobody@127.0.0.1:1/book"
    environment = slack_stage.environment(url, ATTACHMENTS=attachments)

    bot = await program(environment)

    assert await bot.ended() == 78
    assert sentence in "".join(bot.log)


async def test_a_file_from_slack_waits_until_the_folder_can_be_written(slack_play):
    async with slack_play.performed() as play:
        folder = play.bot.settings.attachments
        folder.rename(folder.with_name("away"))
        folder.write_text("no folder any more")
        await play.slack.write(DORA, SHARED, "See this", files=(Upload("a.txt", b"a"),))
        told = lambda: play.read("SELECT error FROM notices WHERE kind = 'fetch' AND state = 'failed'")  # noqa: E731
        await play.until(lambda: play.slack.state.downloads and told(), "the trouble to be told", 30)
        ((error,),) = told()
        folder.unlink()
        folder.with_name("away").rename(folder)
        await play.until(lambda: uploaded(play), "the file", 30)

    assert error == "A file from Slack cannot be kept: the folder for attachments cannot be written to."


@pytest.mark.parametrize("person", [EMIL, DORA])
async def test_the_transcript_of_a_clip_counts_though_it_arrives_late_and_after_a_restart(person, slack_play):
    said = "our production line stopped, this is an emergency"
    async with slack_play.performed() as play:
        await play.slack.write(person, SHARED, "", files=("audio_message.m4a",))
        waiting = "SELECT 1 FROM notices WHERE kind = 'transcript' AND state = 'pending'"
        await play.until(lambda: play.read(waiting), "Slack to be asked again later")
    await play.slack.transcribe("audio_message.m4a", said)
    async with slack_play.performed() as play:
        await play.until(lambda: f"Transcript: {said}" in "".join(play.shown(SUPPORT)), "the transcript", 60)
        await play.until(lambda: play.slack.messages(ALERTS), "the alert")

    assert play.read("SELECT escalated FROM cases") == [(1,)]
    assert play.read("SELECT body FROM messages") == [(f"[file: audio_message.m4a]\nTranscript: {said}",)]
    assert play.read("SELECT edited_at FROM messages") == [(None,)]
