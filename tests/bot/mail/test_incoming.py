"""A parsed mail becomes an Incoming."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.mail.automated.bounces import Bounce
from bot.mail.incoming import MailRules, as_incoming, read_incoming
from bot.mail.parse import UnreadableMailError, read_mail
from bot.mail.quoting.forwarded import Forwarded
from casebook.incoming import Source, Standing
from fixtures.cast import ANNA, BEN, INBOX

RULES = MailRules(inbox_address=INBOX, admin_emails=frozenset({ANNA.email, BEN.email}))
RECEIVED = datetime(2026, 3, 3, 9, 15, tzinfo=UTC)


def incoming(head: str, body: str = "Hello"):
    return read_incoming(f"{head}\n\n{body}".encode(), received_at=RECEIVED, folder="INBOX", settings=RULES)


def test_a_customers_mail_has_every_field_of_an_incoming():
    message = incoming("From: Mia <Mia@Customer.example.com>\nSubject: Ink\nMessage-ID: <1@customer.example.com>")

    assert message.source is Source.EMAIL
    assert message.external_id == "1@customer.example.com"
    assert message.sender == "mia@customer.example.com"
    assert message.sender_name == "Mia"
    assert message.standing is Standing.CUSTOMER
    assert message.timestamp == RECEIVED
    assert message.place == "INBOX"
    assert (message.subject, message.body, message.new_text) == ("Ink", "Hello", "Hello")


@pytest.mark.parametrize(
    ("subject", "kept"),
    [
        ("[External Email - urgent requests may be fraud] Ink", "Ink"),
        ("EXTERNAL: Re: Ink", "Re: Ink"),
        ("[EXTERNAL] urgent: Ink", "urgent: Ink"),
        ("[urgent] Ink", "[urgent] Ink"),
    ],
)
def test_a_gateways_tag_is_removed_from_the_subject(subject, kept):
    assert incoming(f"From: mia@customer.example.com\nSubject: {subject}").subject == kept


def test_without_a_message_id_the_digest_of_the_bytes_is_the_id():
    raw = b"From: mia@customer.example.com\n\nHello"

    message = read_incoming(raw, received_at=RECEIVED, folder="INBOX", settings=RULES)

    assert message.external_id == f"sha256:{hashlib.sha256(raw).hexdigest()}"


def test_the_conversation_is_in_reply_to_then_the_references_newest_first():
    message = incoming("From: a@example.org\nIn-Reply-To: <c@x>\nReferences: <a@x> <b@x>\n <c@x>")

    assert message.conversation == ("c@x", "b@x", "a@x")


def test_an_admins_mail_is_about_whom_it_is_addressed_to_besides_us():
    message = incoming(
        f"From: {ANNA.email}\nTo: Mia <mia@customer.example.com>, {INBOX}\nCc: {BEN.email}, otto@example.net"
    )

    assert message.standing is Standing.ADMIN
    assert message.about == ("mia@customer.example.com", "otto@example.net")


def test_a_customers_mail_is_about_nobody():
    assert incoming(f"From: mia@customer.example.com\nTo: {INBOX}, otto@example.net").about == ()


def test_a_customers_mail_names_cases_by_tags_in_its_subject_only():
    message = incoming("From: mia@customer.example.com\nSubject: Re: [CASE-0007] [case-12] CASE-0009", "[CASE-0003]")

    assert message.cases_named == (7, 12)


def test_an_admins_mail_names_cases_wherever_they_wrote_it_themselves():
    message = incoming(f"From: {ANNA.email}\nSubject: Re: [CASE-0007]", "Like case-12.\n\n> CASE-0003 was different")

    assert message.cases_named == (7, 12)


def passing_on(sender=ANNA.email, **changes):
    raw = f"From: {sender}\nTo: {INBOX}\nSubject: Fwd: Re: [CASE-0007] Ink\n\nLike CASE-3\n\nFrom: Mia\n\nHelp".encode()
    found = Forwarded(
        sender_addr="Mia@Customer.example.com",
        sender_name="Mia",
        subject="Re: [CASE-0007] Ink",
        text="Help\n\n> I'm closing this case.",
        before="Like CASE-3",
        certain=True,
    )
    mail = replace(read_mail(raw), forwarded=replace(found, **changes))
    return as_incoming(mail, raw, received_at=RECEIVED, folder="INBOX", settings=RULES)


def test_a_mail_that_an_admin_forwards_is_separated_from_their_own_text():
    forward = passing_on().forward

    assert (forward.author, forward.author_name, forward.certain) == ("mia@customer.example.com", "Mia", True)
    assert (forward.new_text, forward.before) == ("Help", "Like CASE-3")
    assert (forward.tagged, forward.named) == ((7,), (3,))


def test_a_mail_that_a_customer_forwards_is_their_own_message():
    assert passing_on("otto@customer.example.net").forward is None


@pytest.mark.parametrize("author", [INBOX, BEN.email])
def test_our_own_mail_that_an_admin_forwards_opens_no_case(author):
    assert passing_on(sender_addr=author).forward is None


def test_our_own_mail_is_automatic():
    assert incoming(f"From: {INBOX}").standing is Standing.AUTOMATIC


def test_mail_from_the_login_is_our_own_if_the_login_is_an_address():
    rules = replace(RULES, login="reader@casebook.example.org")

    message = read_incoming(
        b"From: Reader@casebook.example.org\n\nHello", received_at=RECEIVED, folder="INBOX", settings=rules
    )

    assert message.standing is Standing.AUTOMATIC


def test_an_admins_out_of_office_reply_is_automatic():
    message = incoming(f"From: {ANNA.email}\nAuto-Submitted: auto-replied")

    assert message.standing is Standing.AUTOMATIC


def test_a_bounce_without_a_sender_is_automatic_not_unreadable():
    message = incoming("Return-Path: <>\nFrom: <>\nSubject: Returned mail")

    assert message.standing is Standing.AUTOMATIC
    assert message.sender == ""


@pytest.mark.parametrize("head", ["From: nobody", "Subject: none", "From: nobody\r\nSender: undisclosed-recipients:;"])
def test_a_persons_mail_without_any_address_is_unreadable(head):
    with pytest.raises(UnreadableMailError):
        incoming(head)


def bounced(**changes):
    raw = b"Return-Path: <>\nFrom: <>\nReferences: <other@x>\nSubject: Returned mail\n\nUndeliverable"
    report = Bounce(
        recipients=("gone@customer.example.com",),
        status="5.1.1",
        permanent=True,
        reason="no such user",
        message_id="answer-9@casebook.example.org",
    )
    mail = replace(read_mail(raw), bounce=replace(report, **changes))
    return as_incoming(mail, raw, received_at=RECEIVED, folder="INBOX", settings=RULES)


def test_a_bounce_says_what_failed_and_joins_the_conversation_of_the_bounced_mail():
    message = bounced()

    assert message.standing is Standing.AUTOMATIC
    assert message.new_text == "⚠ Not delivered to gone@customer.example.com: 5.1.1 no such user"
    assert message.undelivered == message.new_text
    assert (message.body, message.sender_name) == ("Undeliverable", "The mail server")
    assert message.conversation == ("answer-9@casebook.example.org",)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"permanent": False, "status": "4.4.1"},
            "Not delivered yet to gone@customer.example.com, and tried again: 4.4.1",
        ),
        (
            {"permanent": None, "status": "", "reason": ""},
            "Not delivered to gone@customer.example.com: without a reason",
        ),
        ({"recipients": ()}, "Not delivered to the customer: 5.1.1"),
        ({"recipients": tuple(f"{n}@x.org" for n in range(7))}, "4@x.org and 2 more: 5.1.1"),
        ({"reason": "no\nsuch\tuser"}, "5.1.1 no such user"),
    ],
)
def test_the_line_about_a_bounce_is_shortened(changes, said):
    assert said in bounced(**changes).new_text


def test_a_bounce_without_a_message_id_joins_no_conversation():
    assert bounced(message_id=None).conversation == ()


def test_a_mail_without_text_names_its_attachments():
    message = incoming('From: a@example.org\nContent-Type: image/png; name="a.png"', "xx")

    assert message.body == "(no text; attached: a.png)"
    assert incoming("From: a@example.org", "").body == "(no text)"


def test_a_mail_without_text_does_not_name_its_signature_as_attached():
    head = "From: mia@example.org\nContent-Type: application/pkcs7-signature; name=smime.p7s"

    assert incoming(head, "x").body == "(no text)"


SCAN = """From: Scanner <scan@example.org>
Subject: Scan
Message-ID: <scan@printer.example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain

Please find the scan attached.
--b
Content-Type: application/pdf; name=scan.pdf
Content-Disposition: attachment; filename=scan.pdf

{}
--b--
"""


def test_two_mails_with_one_message_id_differ_by_their_files_even_if_no_file_is_kept():
    first, second, again = (
        read_incoming(SCAN.format(page).encode(), received_at=RECEIVED, folder="INBOX", settings=RULES)
        for page in ("page one", "page two", "page one")
    )

    assert not first.attachments[0].kept
    assert first.external_id == second.external_id
    assert first.digest == again.digest != second.digest


def test_two_customers_of_one_web_form_with_the_same_text_are_kept_apart():
    form = "From: noreply@forms.example.com\nReply-To: {}@customer.example.com\nMessage-ID: <form@localhost>"

    mia, noor = incoming(form.format("mia")), incoming(form.format("noor"))

    assert mia.external_id == noor.external_id
    assert mia.digest != noor.digest
