"""Our mail has the headers of its conversation, its text in both bodies, and no way to inject headers or HTML."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.parse import read_mail
from bot.mail.smtp.compose import OutgoingFile, SenderIdentity, compose, subject_of
from bot.mail.smtp.errors import UnmailableError
from casebook.outbound.email import Email

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HEAD = SenderIdentity(sender="support@casebook.example.org", inbox="support@casebook.example.org")
OURS = "case-0012.aaaaaaaa.bbbbbbbbbbbbbbbb@casebook.example.org"
LETTER = Email(
    case_id="CASE-0012",
    message_id=OURS,
    answer=7,
    to="mia@customer.example.com",
    to_name="Mia Miller",
    copies=(),
    author_name="Anna Example",
    text="It is mended.\n\nAnna",
    subject="Invoice 17",
    conversation=("m2@customer.example.com", "m1@customer.example.com"),
    automatic="",
    quoted=("Mia Miller", "The invoice is wrong.\nPlease look.", datetime(2026, 3, 2, 9, 5, tzinfo=UTC)),
)


def composed(files=(), head=HEAD, **changes) -> bytes:
    return compose(replace(LETTER, **changes), identity=head, now=NOON, files=files).content


def headers(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def test_a_mail_is_composed_as_expected_byte_for_byte():
    head, _, body = composed().partition(b"\r\n\r\n")

    assert head.decode().split("\r\n") == [
        "Date: Mon, 02 Mar 2026 12:00:00 +0000",
        'From: "Anna Example"',
        " <support@casebook.example.org>",
        'To: "Mia Miller"',
        " <mia@customer.example.com>",
        "Subject: Re: Invoice 17 [CASE-0012]",
        f"Message-ID: <{OURS}>",
        "In-Reply-To: <m2@customer.example.com>",
        "References: <m1@customer.example.com>",
        " <m2@customer.example.com>",
        "MIME-Version: 1.0",
        "Content-Type: multipart/alternative;",
        f' boundary="{body.split(chr(13).encode())[0][2:].decode()}"',
    ]
    assert b"\r\n> Please look.\r\n" in body


def test_our_own_parser_reads_text_and_conversation_and_nothing_automatic():
    mail = read_mail(composed())

    assert mail.new_text == "It is mended.\n\nAnna"
    assert (mail.from_addr, mail.from_name) == ("support@casebook.example.org", "Anna Example")
    assert (mail.in_reply_to, mail.references) == ("m2@customer.example.com", LETTER.conversation[::-1])
    assert (mail.automatic, mail.attachments) == ("", ())


def test_reply_to_is_the_inbox_if_another_address_sends():
    other = SenderIdentity(sender="hello@example.org", inbox="support@example.org")

    assert headers(composed(head=other))["Reply-To"] == "support@example.org"
    assert headers(composed())["Reply-To"] is None


def test_only_automatic_mail_is_marked_as_automatic():
    by_hand, by_itself = headers(composed()), headers(composed(automatic="auto-replied", author_name=""))

    assert (by_hand["Auto-Submitted"], by_hand["X-Auto-Response-Suppress"]) == (None, None)
    assert (by_itself["Auto-Submitted"], by_itself["X-Auto-Response-Suppress"]) == ("auto-replied", "All")
    assert by_itself["From"] == "support@casebook.example.org"
    assert read_mail(composed(automatic="auto-replied")).automatic == "automatic reply"


@pytest.mark.parametrize(
    ("given", "becomes"),
    [
        ("Invoice 17", "Re: Invoice 17 [CASE-0012]"),
        ("Re: Invoice 17 [CASE-0012]", "Re: Invoice 17 [CASE-0012]"),
        ("AW: Re[2]: RE : SV: Invoice 17", "Re: Invoice 17 [CASE-0012]"),
        ("Re: [CASE-0007] Invoice [case-0012] 17", "Re: Invoice 17 [CASE-0012]"),
        ("Fwd: Invoice", "Re: Fwd: Invoice [CASE-0012]"),
        ("Request: a chair", "Re: Request: a chair [CASE-0012]"),
        ("回复: 发票", "Re: 发票 [CASE-0012]"),
        ("", "Re: [CASE-0012]"),
        ("Re:", "Re: [CASE-0012]"),
        ("a\r\nBcc: eve@evil.example.com", "Re: a Bcc: eve@evil.example.com [CASE-0012]"),
        ("x" * 500, f"Re: {'x' * 199}… [CASE-0012]"),
    ],
)
def test_the_subject_has_one_re_and_one_tag(given, becomes):
    assert subject_of(given, "CASE-0012") == becomes


@pytest.mark.parametrize(
    "name", ["Zoë Ångström", "山田 太郎", 'Anna "the fixer" Example\\', "=?utf-8?q?x?=", "a" * 300]
)
def test_names_in_any_alphabet_are_encoded(name):
    read = headers(composed(author_name=name))["From"].addresses[0]

    assert read.display_name == name[:80].strip()
    assert read.addr_spec == "support@casebook.example.org"


def test_a_subject_in_any_alphabet_is_split_into_short_encoded_words():
    subject = "Rechnung für Übergrößen 山田太郎 " * 5
    raw = composed(subject=subject)

    assert headers(raw)["Subject"] == f"Re: {subject.strip()} [CASE-0012]"
    assert all(len(word) <= 75 for word in raw.partition(b"\r\n\r\n")[0].split() if word.startswith(b"=?"))


EVIL = st.text(st.sampled_from('ab \r\n\t\0\x0b\x85\u2028\u202e:<>,@"\\;=?é'), max_size=60)


@given(EVIL, EVIL, EVIL)
def test_no_name_subject_or_message_id_can_inject_a_header(name, subject, made_up):
    raw = composed(author_name=name, to_name=name, subject=subject, conversation=(made_up, "m1@customer.example.com"))
    lines = raw.partition(b"\r\n\r\n")[0].decode().split("\r\n")

    names = [line.partition(":")[0] for line in lines if not line.startswith(" ")]
    assert names == [
        "Date", "From", "To", "Subject", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type",
    ] or (names.count("In-Reply-To") == 0 and len(names) == 8)  # fmt: skip
    assert headers(raw)["Bcc"] is None
    assert headers(raw)["To"].addresses[0].addr_spec == "mia@customer.example.com"


@given(st.text(max_size=3000), st.text(max_size=3000))
def test_any_text_is_in_both_bodies_with_lines_of_allowed_length(text, quoted):
    raw = composed(text=text, quoted=("Mia", quoted, NOON))
    mail = headers(raw)

    plain = mail.get_body(("plain",)).get_payload(decode=True).decode().split("\r\n")
    expected = text.encode("utf-8", "replace").decode().strip("\r\n").splitlines()
    assert plain[: len(expected)] == expected
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.replace(b"\r\n", b"").count(b"\n") == raw.replace(b"\r\n", b"").count(b"\r") == 0


def test_the_html_is_escaped_and_loads_nothing():
    evil = '<img src="https://evil.example.com/x.png"> <script>x</script> & "q"'
    html = headers(composed(text=evil, quoted=("<b>Mia</b>", evil, NOON))).get_body(("html",)).get_content()

    assert "<img" not in html
    assert "<script" not in html
    assert "<b>" not in html
    assert 'href="' not in html
    assert html.count("&lt;img src=&quot;https://evil.example.com/x.png&quot;&gt;") == 2


def test_a_long_mail_is_quoted_in_part():
    plain = headers(composed(quoted=("Mia", "line\n" * 500, NOON))).get_body(("plain",)).get_content()

    assert plain.count("> line") == 60
    assert "> [...]" in plain


def test_a_long_chain_of_references_keeps_its_beginning_and_end():
    chain = tuple(f"{number}@x.example" for number in range(100))

    named = read_mail(composed(conversation=chain)).references

    assert (len(named), named[0], named[-1]) == (20, "99@x.example", "0@x.example")


def test_long_message_ids_do_not_make_long_headers():
    chain = tuple(f"{number}{'x' * 850}@x.example" for number in range(50))
    raw = composed(conversation=chain)

    assert len(raw.partition(b"\r\n\r\n")[0]) < 6000
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert read_mail(raw).references[-1] == chain[0]


@pytest.mark.parametrize("address", ["", "mia", "mia@", "a b@x.example", "a@x.example, b@x.example", "a@x\r\nBcc: b@x"])
def test_an_invalid_address_raises_an_error(address):
    with pytest.raises(UnmailableError):
        composed(to=address)


def test_smtputf8_is_needed_only_for_a_local_part_beyond_ascii():
    domain = compose(replace(LETTER, to="mia@bücher.example"), identity=HEAD, now=NOON)
    local = compose(replace(LETTER, to="zoë@x.example", copies=("mia@x.example",)), identity=HEAD, now=NOON)

    assert (domain.recipients, domain.utf8) == (("mia@xn--bcher-kva.example",), False)
    assert (local.recipients, local.utf8) == (("zoë@x.example", "mia@x.example"), True)
    assert headers(local.content)["Cc"] == "mia@x.example"


def test_files_are_attached_with_safe_names():
    files = [
        OutgoingFile("Größe & Maß.pdf", "application/pdf", bytes(range(256)) * 50),
        OutgoingFile('a"b\r\n/../c.eml', "message/rfc822", b"From: x\n\n"),
        OutgoingFile("", "no type\r\nX: y", b""),
    ]
    raw = composed(files)
    mail = headers(raw)
    parts = list(mail.iter_attachments())

    assert mail.get_content_type() == "multipart/mixed"
    assert mail.get_body(("plain",)).get_content().startswith("It is mended.")
    assert [part.get_filename() for part in parts] == ["Größe & Maß.pdf", "a_b _.._c.eml", "file"]
    assert [part.get_content_type() for part in parts] == ["application/pdf", *["application/octet-stream"] * 2]
    assert parts[0].get_content() == files[0].content
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert read_mail(raw).attachments[0].filename == "Größe & Maß.pdf"
