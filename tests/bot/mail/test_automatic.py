"""A machine's mail is told from a person's."""

import pytest

from bot.mail.automatic import Verdict, judge
from bot.mail.headers import Headers


def judged(subject="Hello", sender="mia@example.org", content_type="text/plain", text="Hello", **fields):
    named = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    return judge(Headers(named), content_type=content_type, sender=sender, subject=subject, new_text=text, text=text)


def why(**fields):
    verdict = judged(**fields)
    return verdict.automatic or verdict.doubtful


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"auto_submitted": "auto-replied"}, "automatic reply"),
        ({"auto_submitted": "auto-generated; owner=x", "sender": "no-reply@example.org"}, "automatic mail"),
        ({"auto_submitted": "auto-notified; owner-email=x"}, "automatic mail"),
        ({"x_autoreply": "yes"}, "automatic reply"),
        ({"x_autorespond": "I am away"}, "automatic reply"),
        ({"precedence": "auto_reply"}, "automatic reply"),
        ({"precedence": "bulk", "sender": "alerts@example.org"}, "bulk mail"),
        ({"return_path": "<>", "sender": "mailer-daemon@example.net"}, "bounce"),
        ({"x_failed_recipients": "x@example.org"}, "bounce"),
        ({"x_loop": "vacation@example.org"}, "automatic reply"),
        ({"list_id": "<news.example.org>", "precedence": "list"}, "mailing list"),
        ({"list_unsubscribe": "<mailto:x@example.org>", "precedence": "bulk"}, "mailing list"),
        ({"sender": "mailer-daemon@example.net"}, "bounce"),
        ({"subject": "AUTO: Mia is out of the office"}, "automatic reply"),
        ({"subject": "Re: [list] Out of Office AutoReply: back next week"}, "automatic reply"),
        ({"subject": "Please confirm your message"}, "challenge"),
        ({"subject": "Automatic reply: Hello"}, "automatic reply"),
        ({"subject": "Abwesenheitsnotiz: Hallo"}, "automatic reply"),
        ({"subject": "Réponse automatique : Bonjour"}, "automatic reply"),
        ({"subject": "Respuesta automática: Hola"}, "automatic reply"),
    ],
)
def test_a_machines_mail_is_recognised_with_its_reason(fields, reason):
    assert why(**fields) == reason


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"auto_submitted": "no"},
        {"precedence": "list"},
        {"x_auto_response_suppress": "All"},
        {"list_id": "<news.example.org>"},
        {"return_path": "<mia@example.org>"},
        {"sender": "postmaster@example.net", "subject": "A question about our mail server"},
        {"subject": "Undeliverable parcel, where is it?"},
        {"subject": "Re: Automatic reply: please stop these"},
        {"subject": "Auto: Unfall am Montag"},
        {"x_autoreply": "no"},
        {"x_loop": "support@example.org"},
    ],
)
def test_a_persons_mail_is_not_taken_for_a_machines(fields):
    assert why(**fields) == ""


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("delivery-status", "delivery report"),
        ("disposition-notification", "read receipt"),
        ("feedback-report", "feedback report"),
        ("something-else", "report"),
    ],
)
def test_a_report_says_its_kind(kind, reason):
    fields = {"content_type": f"multipart/report; report-type={kind}; boundary=x"}

    assert why(**fields | {"content_type": "multipart/report"}) == "report"
    headers = Headers((("content-type", fields["content_type"]),))
    verdict = judge(headers, content_type="multipart/report", sender="a@example.org", subject="x", new_text="", text="")
    assert verdict == Verdict(reason)
