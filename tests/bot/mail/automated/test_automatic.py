"""Automatic mail is distinguished from a person's."""

import pytest

from bot.mail.automated.automatic import Verdict, classify
from bot.mail.mime.headers import Headers


def judged(subject="Hello", sender="mia@example.org", text="Hello", **fields):
    named = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    return classify(Headers(named), sender, subject, new_text=text, text=text)


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
def test_automatic_mail_is_recognised_with_its_reason(fields, reason):
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
def test_a_persons_mail_is_not_automatic(fields):
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
    assert judged(content_type=f"multipart/report; report-type={kind}; boundary=x") == Verdict(reason)


BY_RULE = {
    "auto_submitted": "auto-generated",
    "x_ms_exchange_generated_message_source": "Mailbox Rules Agent",
    "x_ms_exchange_inbox_rules_loop": "info@example.com",
}


@pytest.mark.parametrize(
    "fields",
    [
        BY_RULE,
        BY_RULE | {"return_path": "<>", "resent_from": "<info@example.com>"},
        {"auto_submitted": "auto-generated", "resent_from": "<info@example.com>"},
        {"auto_submitted": "auto-generated", "resent_to": "<info@example.com>", "return_path": "<>"},
        {
            "auto_submitted": "auto-generated",
            "x_forwarded_to": "support@example.com",
            "x_forwarded_for": "a@example.com",
        },
        {"auto_submitted": "auto-generated", "x_ms_exchange_forwardingloop": "info@example.com"},
        {"auto_submitted": "auto-generated", "x_loop": "info@example.com"},
        {"auto_submitted": "auto-generated", "return_path": "<SRS0=a1b2=X1=example.org=mia@example.com>"},
        {"auto_submitted": "auto-generated", "return_path": "<bounces+SRS=a1b2=X1@example.com>"},
        {"return_path": "<>", "x_loop": "info@example.com"},
        BY_RULE | {"in_reply_to": "<a@example.com>", "subject": "Re: Wrong amount"},
        BY_RULE | {"text": "We have received your invoice. I am on leave from Monday, so please hurry."},
        BY_RULE | {"sender": "info@example.com", "subject": "WG: Wrong amount"},
    ],
)
def test_a_persons_mail_that_a_rule_redirected_is_not_automatic(fields):
    assert judged(**fields) == Verdict()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (BY_RULE | {"subject": "Automatic reply: Your invoice"}, "automatic reply"),
        (BY_RULE | {"x_auto_response_suppress": "All", "text": "I am out of the office."}, "automatic mail"),
        (BY_RULE | {"auto_submitted": "auto-replied"}, "automatic reply"),
        (BY_RULE | {"x_autoreply": "yes"}, "automatic reply"),
        (BY_RULE | {"sender": "info@example.com", "subject": "We are closed"}, "automatic reply"),
        (BY_RULE | {"return_path": "<>", "sender": "postmaster@example.org"}, "bounce"),
        (BY_RULE | {"list_id": "<news.example.org>", "precedence": "list"}, "mailing list"),
        (
            {"auto_submitted": "auto-generated", "x_forwarded_to": "a@example.com", "sender": "alerts@example.org"},
            "automatic mail",
        ),
    ],
)
def test_automatic_mail_that_a_rule_redirected_stays_automatic(fields, reason):
    assert judged(**fields).automatic == reason


@pytest.mark.parametrize(
    "fields",
    [
        {"auto_submitted": "auto-generated", "x_servicenow_generated": "true"},
        {"auto_submitted": "auto-generated", "precedence": "bulk", "x_jira_fingerprint": "a1"},
        {"auto_submitted": "auto-generated", "x_auto_response_suppress": "All", "x_mailer": "Zendesk Mailer"},
        {"auto_submitted": "auto-generated", "x_auto_response_suppress": "All", "list_id": "<tracker.example.org>"},
        {"precedence": "bulk", "text": "Hi, can somebody look at INC0042 with me? Dana"},
        {"auto_submitted": "auto-generated", "in_reply_to": "<a@example.com>", "x_servicenow_source": "Notification"},
        {"auto_submitted": "auto-generated", "in_reply_to": "<a@example.com>", "message_id": "<JIRA.9@Atlassian.JIRA>"},
        {
            "auto_submitted": "auto-generated",
            "text": "Our mail was automatically rejected; we get your automatic reply.",
        },
        {
            "auto_submitted": "auto-generated",
            "text": "The invoice is generated automatically, and wrong. I received your mail.",
        },
        {
            "auto_submitted": "auto-generated",
            "x_servicenow_source": "n",
            "text": "I am on vacation from Monday, so hurry.",
        },
        {"return_path": "<>", "text": "I am on leave from Monday, so please hurry."},
        {
            "auto_submitted": "auto-generated",
            "sender": "form@example.com",
            "reply_to": "ines@example.org",
            "text": "This mail was generated automatically by our form.",
        },
        {"precedence": "junk"},
        {"return_path": "<>"},
        {"return_path": "<>", "in_reply_to": "<a@example.com>", "subject": "Re: Your invoice"},
        {"x_autogenerated": "Forward"},
        {"auto_submitted": "auto-generated", "sender": "no-reply@example.com", "reply_to": "Ines <ines@example.org>"},
        BY_RULE | {"sender": "no-reply@example.org"},
        BY_RULE | {"text": "Name: Ines\nOrder: 4471\n\nThis message was generated automatically by our form."},
        BY_RULE | {"precedence": "bulk"},
    ],
)
def test_a_single_mark_on_a_persons_mail_makes_it_doubtful(fields):
    verdict = judged(**fields)

    assert verdict.automatic == ""
    assert verdict.doubtful


@pytest.mark.parametrize(
    "fields",
    [
        {"sender": "no-reply@example.org"},
        {"sender": "server.alerts@example.org"},
        {"sender": "root@web1.example.org"},
        {"sender": ""},
        {"text": "Your request (4471) has been received and is being reviewed."},
        {"text": "Diese E-Mail wurde automatisch erstellt."},
        {"text": "Thank you for your message. We answer within three working days."},
        {"text": "Dear customer,\n\nI am out of the\noffice until Thursday."},
        {"subject": "[#4471] Request received: no light"},
        {"subject": "Ticket 4471 has been created"},
        {"return_path": "<>"},
        {"sender": "no-reply@mail.example.org", "reply_to": "help@example.org"},
        {"list_unsubscribe": "<mailto:leave@example.org>"},
        {"in_reply_to": "<a@example.com>"},
        {"message_id": "<case-0012.abcdefgh.abcdefghijklmnop@desk.example.net>", "x_auto_response_suppress": "All"},
    ],
)
def test_a_mark_and_a_sign_of_another_kind_make_mail_automatic(fields):
    assert judged(auto_submitted="auto-generated", **fields) == Verdict("automatic mail")


@pytest.mark.parametrize(
    "fields",
    [
        {"x_autogenerated": "Reply"},
        {"x_autogenerated": "Letter"},
        {"x_auto_generated": "1"},
        {"x_post_messageclass": "9; Autoresponder"},
        {"x_fc_machinegenerated": "true"},
        {"x_autoresponse": "yes"},
        {"x_auto_response": "away"},
        {"x_autoreply_from": "mia@example.org"},
        {"x_mail_autoreply": "yes"},
        {"x_autoresponder": "Will not send another for 86400 seconds"},
        {"preference": "auto_reply"},
        {"x_precedence": "auto_reply"},
        {"delivered_to": "Autoresponder"},
    ],
)
def test_the_headers_of_autoresponders_make_mail_automatic_on_their_own(fields):
    assert judged(**fields) == Verdict("automatic reply")


def test_an_autoresponder_is_recognised_below_another_delivered_to():
    headers = Headers((("delivered-to", "support@example.com"), ("delivered-to", "Autoresponder")))

    verdict = classify(headers, "mia@example.org", "Hello", new_text="", text="")

    assert verdict == Verdict("automatic reply")


ONE_CLICK = {"list_unsubscribe": "<https://example.net/u>", "list_unsubscribe_post": "List-Unsubscribe=One-Click"}


@pytest.mark.parametrize(
    "fields",
    [
        ONE_CLICK | {"list_id": "<91.example.net>", "feedback_id": "91:47:campaign:shop"},
        ONE_CLICK | {"feedback_id": "91:47:campaign:shop", "x_csa_complaints": "abuse@example.net"},
        ONE_CLICK
        | {"return_path": "<bounces+91@mail.example.net>", "text": "Sale!\n\nUnsubscribe: https://example.net/u"},
        ONE_CLICK | {"x_campaign": "a1", "text": "Angebote\n\nNewsletter abbestellen"},
        {"list_unsubscribe": "<https://example.net/u>", "list_id": "<a>", "feedback_id": "1:2:3:x", "x_mc_user": "a1"},
    ],
)
def test_a_newsletter_is_recognised_by_several_signs(fields):
    assert judged(**fields) == Verdict("newsletter")


@pytest.mark.parametrize(
    "fields",
    [
        ONE_CLICK,
        ONE_CLICK | {"feedback_id": "1.eu-west-1.abc:AmazonSES"},
        ONE_CLICK
        | {"list_id": "<group.example.org>", "feedback_id": "1:2:3:x", "list_post": "<mailto:group@example.org>"},
        ONE_CLICK | {"list_id": "<91.example.net>", "feedback_id": "1:2:3:x", "in_reply_to": "<a@example.com>"},
        ONE_CLICK | {"list_id": "<91.example.net>", "feedback_id": "1:2:3:x", "references": "<a@example.com>"},
        ONE_CLICK | {"list_id": "<91.example.net>", "feedback_id": "1:2:3:x", "subject": "Re: Your offer"},
        {
            "list_id": "<group.example.org>",
            "list_unsubscribe": "<mailto:leave@example.org>",
            "text": "How do I unsubscribe?",
        },
        {"feedback_id": "1:2:3:x", "text": "How do I unsubscribe?"},
    ],
)
def test_mail_of_a_person_through_a_group_or_in_a_conversation_is_no_newsletter(fields):
    assert judged(**fields) == Verdict()
