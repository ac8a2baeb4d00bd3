"""A machine's mail is told from a person's."""

import pytest

from bot.mail.automatic import why_automatic
from bot.mail.headers import Headers


def why(subject="Hello", sender="mia@example.org", content_type="text/plain", **fields):
    named = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    return why_automatic(Headers(named), content_type, sender, subject)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"auto_submitted": "auto-replied"}, "automatic reply"),
        ({"auto_submitted": "auto-generated; owner=x"}, "automatic mail"),
        ({"x_autoreply": "yes"}, "automatic reply"),
        ({"x_autorespond": "I am away"}, "automatic reply"),
        ({"precedence": "auto_reply"}, "automatic reply"),
        ({"precedence": "bulk"}, "bulk mail"),
        ({"return_path": "<>"}, "automatic mail"),
        ({"return_path": "<>", "sender": "mailer-daemon@example.net"}, "bounce"),
        ({"x_failed_recipients": "x@example.org"}, "bounce"),
        ({"x_loop": "support@example.org"}, "mail in a loop"),
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
    assert (
        why_automatic(Headers((("content-type", fields["content_type"]),)), "multipart/report", "a@example.org", "x")
        == reason
    )
