"""Saving the files of a mail before it is in the database."""

import hashlib
from email.message import EmailMessage

import pytest

from bot.files.limits import LARGEST
from bot.files.store import Store
from bot.mail.mime.inline_images import ORNAMENT
from bot.mail.parse import read_mail
from bot.mail.saving import NOT_WHOLE, FileSaver
from bot.mail.text.body import Attachment

LOGO = b"\x89PNG" + b"l" * 500


def file(name, content):
    return Attachment(name, "application/pdf", len(content), hashlib.sha256(content).hexdigest(), content)


def with_images(html, *images):
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "mia@customer.example.com", "Hello"
    mail.set_content("Hello")
    mail.add_alternative(html, subtype="html")
    for content_id, content in images:
        mail.add_attachment(content, maintype="image", subtype="png", filename="image001.png")
        list(mail.iter_attachments())[-1]["Content-ID"] = f"<{content_id}>"
    return mail.as_bytes()


@pytest.fixture
def store(tmp_path):
    store = Store(tmp_path / "kept")
    store.open()
    return store


def test_a_mails_files_are_on_disk_before_the_mail_is_in_the_book(store):
    (kept,) = FileSaver(store).keep([file("a.pdf", b"hello")])

    assert (kept.name, kept.size, kept.kept, kept.why_not) == ("a.pdf", 5, True, "")
    assert store.read(kept.sha256) == b"hello"


def test_what_exceeds_a_limit_is_named_with_its_size_and_not_written(store, tmp_path):
    (kept,) = FileSaver(store).keep([file("a.pdf", b"x" * (LARGEST + 1))])

    assert (kept.kept, kept.size, kept.sha256) == (False, LARGEST + 1, "")
    assert kept.why_not == "too large, the most is 25 MB"
    assert [path for path in (tmp_path / "kept").rglob("*") if path.is_file()] == []


def test_of_a_mail_that_was_not_read_whole_the_last_file_is_not_kept(store):
    first, last = FileSaver(store, whole=False).keep([file("a.pdf", b"a"), file("b.pdf", b"b")])

    assert first.kept
    assert (last.kept, last.why_not) == (False, NOT_WHOLE)


def test_when_the_folder_fails_the_file_is_lost_and_not_the_mail(store, tmp_path):
    (tmp_path / "kept").rmdir()
    (tmp_path / "kept").write_text("no folder any more")
    keeping = FileSaver(store)

    (kept,) = keeping.keep([file("a.pdf", b"a")])

    assert (kept.kept, kept.why_not) == (False, "the folder for attachments cannot be written to")
    assert (keeping.tried, keeping.failed) == (True, kept.why_not)


def test_a_small_image_that_the_html_shows_is_an_ornament():
    raw = with_images('<img src="cid:logo@x">', ("logo@x", LOGO), ("other@x", LOGO + b"2"))

    assert read_mail(raw).ornaments == {hashlib.sha256(LOGO).hexdigest()}


def test_a_large_image_in_the_text_is_what_somebody_wants_to_show():
    raw = with_images("<img src=cid:shot@x>", ("shot@x", b"s" * (ORNAMENT + 1)))

    assert read_mail(raw).ornaments == frozenset()


def test_what_was_read_of_an_attachment_is_named_by_the_digest_of_its_bytes():
    (first,) = read_mail(with_images("<p>Hello</p>", ("x@x", LOGO))).attachments

    assert (first.size, first.sha256, first.content) == (len(LOGO), hashlib.sha256(LOGO).hexdigest(), LOGO)


def test_the_signature_of_a_mail_is_kept_and_not_shown_as_a_file(store):
    signature = Attachment("smime.p7s", "application/pkcs7-signature", 2, hashlib.sha256(b"s1").hexdigest(), b"s1")

    kept, other = FileSaver(store).keep([signature, file("a.pdf", b"a")])

    assert (kept.kept, kept.embedded, other.embedded) == (True, True, False)
