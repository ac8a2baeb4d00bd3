"""Bounces are recognised, with failed recipients, reason, and whether the failure is permanent."""

import pytest

from bot.mail.parse import read_mail


def mail(text, *, sender="mailer-daemon@mx.example.net", subject="failure notice", head=""):
    return read_mail(f"From: {sender}\nSubject: {subject}\n{head}\n{text}".encode())


def report(*fields):
    groups = "\n\n".join(("Reporting-MTA: dns; mx.example.net", *fields))
    return read_mail(
        b'From: postmaster@mx.example.net\nSubject: Report\nContent-Type: multipart/report; boundary="cut"\n\n'
        b"--cut\nContent-Type: text/plain\n\nSee below.\n--cut\nContent-Type: message/delivery-status\n\n"
        + groups.encode()
        + b"\n--cut--\n"
    )


@pytest.mark.parametrize(
    ("text", "recipient", "status", "permanent"),
    [
        ("<mia@example.org>:\nSorry, no mailbox here by that name. (#5.1.1)", "mia@example.org", "5.1.1", True),
        (
            "could not be delivered:\n\n<mia@example.org>: host mx said: 550 5.7.1 blocked by policy",
            "mia@example.org",
            "5.7.1",
            True,
        ),
        (
            "The following addresses had permanent fatal errors\n<mia@example.org>\n550 User unknown",
            "mia@example.org",
            "",
            True,
        ),
        (
            "Delivery failed:\n  mia@example.org\n    retry timeout exceeded, permanent error",
            "mia@example.org",
            "",
            True,
        ),
        (
            "did not reach the following recipient(s):\n\nmia@example.org on Fri, 6 Mar 2026 11:08\n  unknown",
            "mia@example.org",
            "",
            True,
        ),
        (
            "Message could not be delivered.\n\n\tRecipient: [SMTP:mia@example.org]\n\tReason: 550 unavailable",
            "mia@example.org",
            "",
            True,
        ),
        (
            "Unable to deliver, will keep trying:\n\n* mia@example.org\n\n451 4.2.2 later",
            "mia@example.org",
            "4.2.2",
            False,
        ),
        (
            "Nachricht konnte nicht zugestellt werden.\n\nEmpfänger: mia@example.org\n550 5.1.1 unbekannt",
            "mia@example.org",
            "5.1.1",
            True,
        ),
        ("Сообщение не доставлено.\n\nmia@example.org: 550 нет такого адреса", "mia@example.org", "", True),
        (
            "次のあて先へのメッセージはエラーのため送信できませんでした。\n\n<mia@example.org>\n550 unknown",
            "mia@example.org",
            "",
            True,
        ),
    ],
)
def test_a_bounce_without_a_report_is_read_from_the_servers_text(text, recipient, status, permanent):
    bounce = mail(text).bounce

    assert bounce is not None
    assert (bounce.recipients, bounce.status, bounce.permanent) == ((recipient,), status, permanent)


def test_addresses_in_the_returned_mail_are_no_failed_recipients():
    bounce = mail(
        "Unable to deliver:\n\n<mia@example.org>:\n550 unknown\n\n--- Original message follows.\n\n"
        "Message-ID: <answer-1@example.net>\nTo: mia@example.org\nCc: otto@example.org\n\notto@example.org\n"
    ).bounce

    assert bounce is not None
    assert bounce.recipients == ("mia@example.org",)
    assert bounce.message_id == "answer-1@example.net"


def test_a_report_lists_failed_recipients_only():
    bounce = report(
        "Final-Recipient: rfc822; otto@example.org\nAction: relayed\nStatus: 2.0.0",
        "Final-Recipient: rfc822; Mia@example.org\nAction: failed\nStatus: 5.2.2\n"
        "Diagnostic-Code: smtp; 552 5.2.2 Over\n quota",
    ).bounce

    assert bounce is not None
    assert (bounce.recipients, bounce.status, bounce.permanent) == (("mia@example.org",), "5.2.2", True)
    assert bounce.reason == "552 5.2.2 Over quota"


@pytest.mark.parametrize(("action", "permanent"), [("failed", True), ("delayed", False), ("", True)])
def test_the_action_or_else_the_status_says_whether_a_failure_is_permanent(action, permanent):
    bounce = report(f"Final-Recipient: rfc822; mia@example.org\nAction: {action}\nStatus: 5.1.1").bounce

    assert bounce is not None
    assert bounce.permanent is permanent


def test_a_report_of_success_is_automatic_and_no_bounce():
    read = report("Final-Recipient: rfc822; mia@example.org\nAction: delivered\nStatus: 2.0.0")

    assert read.bounce is None
    assert read.automatic not in {"", "bounce"}


def test_a_notification_of_amazon_ses_is_read():
    told = (
        '{"Type": "Notification", "Message": "{\\"notificationType\\":\\"Bounce\\",\\"bounce\\":{\\"bounceType\\":'
        '\\"Permanent\\",\\"bouncedRecipients\\":[{\\"emailAddress\\":\\"mia@example.org\\",\\"status\\":\\"5.1.1\\"}]}}"}'
    )

    bounce = mail(told, sender="no-reply@sns.example.com", subject="Notification").bounce

    assert bounce is not None
    assert (bounce.recipients, bounce.status, bounce.permanent) == (("mia@example.org",), "5.1.1", True)


@pytest.mark.parametrize(
    ("sender", "subject", "text"),
    [
        ("mia@example.org", "Failure notice", "Your shop says the parcel could not be delivered to my address. Why?"),
        ("mia@example.org", "Re: Undelivered Mail", "What does it mean?\n\n> <otto@example.org>: 550 user unknown"),
        ("mia@example.org", "Fwd: failure notice", "I got this:\n\n<otto@example.org>:\n550 5.1.1 user unknown"),
        ("postmaster@example.net", "A question about our server", "Do you have a moment on Friday?"),
        ("mia@example.org", "Automatic reply: Hello", "I am away. Mail to mia@example.org is not delivered.\n550 x"),
    ],
)
def test_a_persons_mail_about_a_bounce_is_no_bounce(sender, subject, text):
    assert mail(text, sender=sender, subject=subject).bounce is None


def test_a_feedback_report_and_a_read_receipt_are_automatic_and_no_bounce():
    for kind in ("feedback-report", "disposition-notification"):
        read = mail("x", sender="mia@example.org", head=f"Content-Type: multipart/report; report-type={kind}\n")

        assert read.bounce is None
        assert read.automatic
