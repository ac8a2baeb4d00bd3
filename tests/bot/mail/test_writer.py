"""The writer of a mail is the address in From, or the person behind a web form or group."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.mail.incoming import MailRules, read_incoming
from bot.mail.parse import read_mail
from bot.mail.writer import Writer, writer_of
from casebook.incoming import Standing
from fixtures.cast import ANNA

INBOX = "support@casebook.example.org"
HELP = "help@casebook.example.org"
RULES = MailRules(
    inbox_address=INBOX,
    sending_address="answers@casebook.example.org",
    further_addresses=frozenset({HELP}),
    admin_emails=frozenset({ANNA.email}),
)
MIA, NOOR = "mia@customer.example.com", "noor@customer.example.com"


def written(*head, body="Hello"):
    """The writer of a mail with these headers."""
    return writer_of(read_mail("\n".join([*head, "", body]).encode()), RULES.is_ours)


def incoming(*head, body="Hello", rules=RULES):
    raw = "\n".join([*head, "", body]).encode()
    return read_incoming(raw, received_at=datetime(2026, 3, 3, tzinfo=UTC), folder="INBOX", settings=rules)


def test_the_writer_is_the_address_in_from_whatever_the_other_headers():
    writer = written(
        f"From: Mia <{MIA}>", f"Reply-To: {NOOR}", f"X-Original-From: {NOOR}", f"X-Original-Sender: {NOOR}"
    )

    assert writer == Writer(MIA, "Mia", is_sender=True)


@pytest.mark.parametrize(
    "sender",
    [
        INBOX,
        HELP,
        "answers@casebook.example.org",
        "support+shop@casebook.example.org",
        "help+eu@casebook.example.org",
        "noreply@forms.example.com",
        "no-reply@forms.example.com",
        "forms-noreply@forms.example.com",
        "DoNotReply@forms.example.com",
        "do_not_reply+7@forms.example.com",
        "nicht-antworten@forms.example.com",
        "ne-pas-repondre@forms.example.com",
        "no-responder@forms.example.com",
        "www-data@web1.example.com",
        "wordpress@shop.example.com",
    ],
)
@pytest.mark.parametrize("header", ["Reply-To", "X-Original-From", "X-Original-Sender"])
def test_the_writer_of_a_form_from_our_own_or_a_no_reply_address_is_in_its_headers(sender, header):
    writer = written(f"From: Website <{sender}>", f"{header}: Mia Miller <{MIA}>")

    assert writer == Writer(MIA, "Mia Miller", is_sender=False)


@pytest.mark.parametrize("sender", ["forms@forms.example.com", "noreen@customer.example.com", "info@forms.example.com"])
def test_an_address_that_somebody_may_read_is_the_writer(sender):
    assert written(f"From: {sender}", f"Reply-To: {MIA}") == Writer(sender, "", is_sender=True)


def test_the_headers_that_name_a_writer_have_an_order():
    everything = [f"X-Original-From: {MIA}", f"X-Original-Sender: {NOOR}", "Reply-To: otto@customer.example.com"]

    found = [written(f"From: {INBOX}", *everything[first:]).address for first in range(3)]

    assert found == [MIA, NOOR, "otto@customer.example.com"]


@pytest.mark.parametrize(
    "named",
    [
        f"X-Original-From: {HELP}",
        f"Reply-To: {INBOX}",
        "Reply-To: support+again@casebook.example.org",
        f"Reply-To: {MIA}, {NOOR}",
        "Reply-To: noreply@forms.example.com",
        "X-Original-Sender: bounces@lists.example.com",
        "Reply-To: nonsense",
    ],
)
def test_headers_without_exactly_one_outside_address_leave_the_sender(named):
    assert written(f"From: Us <{INBOX}>", named) == Writer(INBOX, "Us", is_sender=True)


def test_our_own_address_in_reply_to_does_not_hide_the_only_outside_address():
    assert written(f"From: {INBOX}", f"Reply-To: {INBOX}, {MIA}").address == MIA


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        (f"\"'Mia Miller' via Support\" <{INBOX}>", "Mia Miller"),
        (f'"Mia Miller via Casebook Support" <{INBOX}>', "Mia Miller"),
        (f"Mia Miller über Support <{INBOX}>", "Mia Miller"),
        (f"Support <{INBOX}>", ""),
    ],
)
def test_the_name_before_via_is_the_writers(shown, name):
    assert written(f"From: {shown}", f"X-Original-Sender: {MIA}").name == name


# What follows for Incoming


def test_mail_through_our_own_group_is_the_customers():
    message = incoming(
        f"From: 'Mia' via Support <{INBOX}>",
        f"X-Original-From: Mia <{MIA}>",
        f"X-Original-Sender: {MIA}",
        f"Reply-To: Mia <{MIA}>",
        "Precedence: list",
        "List-ID: <support.casebook.example.org>",
        "List-Unsubscribe: <mailto:leave@casebook.example.org>",
    )

    assert (message.standing, message.sender, message.sender_name) == (Standing.CUSTOMER, MIA, "Mia")


def test_another_group_among_our_addresses_is_ours_too():
    head = (
        "Precedence: list",
        "List-ID: <help.casebook.example.org>",
        "List-Unsubscribe: <mailto:leave@x.example.org>",
    )

    assert incoming(f"From: {MIA}", *head).standing is Standing.CUSTOMER
    assert incoming(f"From: {MIA}", *head, rules=MailRules(inbox_address=INBOX)).standing is Standing.AUTOMATIC


@pytest.mark.parametrize("sender", [INBOX, HELP, "help+eu@casebook.example.org"])
def test_mail_from_an_address_of_ours_for_nobody_else_is_our_own(sender):
    assert incoming(f"From: {sender}", f"To: {MIA}").standing is Standing.AUTOMATIC


def test_the_writer_of_automatic_mail_is_the_address_in_from():
    message = incoming(f"From: noreply@shop.example.com\nReply-To: {MIA}\nSubject: Automatic reply: away")

    assert (message.standing, message.sender) == (Standing.AUTOMATIC, "noreply@shop.example.com")


@pytest.mark.parametrize("header", ["Reply-To", "X-Original-From", "X-Original-Sender"])
def test_a_form_never_gives_admin_rights(header):
    message = incoming(f"From: {INBOX}", f"{header}: Anna <{ANNA.email}>", body="I'm closing this case.")

    assert (message.standing, message.sender) == (Standing.CLAIM, ANNA.email)


def test_a_writer_named_by_a_form_is_not_vouched_for():
    vouched = "Authentication-Results: mx.example.org; dmarc=pass header.from=forms.example.com"
    head = (vouched, "From: noreply@forms.example.com")
    rules = replace(RULES, authserv_id="mx.example.org")

    assert incoming(*head, f"Reply-To: {MIA}", rules=rules).vouched is False
    assert incoming(*head, rules=rules).vouched is True
    assert incoming(*head, f"Reply-To: {MIA}").vouched is None


# Reply-To


def test_reply_to_may_be_another_address():
    message = incoming(f"From: {MIA}", "Reply-To: Mia <mia@private.example.net>")

    assert (message.reply_to, message.is_reply_to_safe) == ("mia@private.example.net", False)


@pytest.mark.parametrize(
    "reply_to", [MIA, INBOX, f"{NOOR}, otto@customer.example.com", "noreply@customer.example.com", "nonsense", ""]
)
def test_reply_to_with_the_senders_own_our_own_several_or_no_reply_addresses_is_ignored(reply_to):
    assert incoming(f"From: {MIA}", f"Reply-To: {reply_to}").reply_to == ""


def test_a_reply_to_of_the_same_domain_and_one_in_a_mail_that_is_vouched_for_are_safe():
    vouched = "Authentication-Results: mx.example.org; dmarc=pass header.from=customer.example.com"
    rules = replace(RULES, authserv_id="mx.example.org")

    assert incoming(f"From: {MIA}", "Reply-To: help@customer.example.com").is_reply_to_safe
    assert incoming(vouched, f"From: {MIA}", "Reply-To: mia@private.example.net", rules=rules).is_reply_to_safe
    assert not incoming(f"From: {MIA}", "Reply-To: mia@private.example.net", rules=rules).is_reply_to_safe


@pytest.mark.parametrize("head", [f"From: {ANNA.email}", f"From: {INBOX}\nX-Original-From: {MIA}"])
def test_reply_to_of_admins_and_forms_is_ignored(head):
    assert incoming(head, f"Reply-To: {NOOR}").reply_to == ""


# Our addresses


def test_an_admins_first_mail_is_not_about_an_address_of_ours():
    message = incoming(
        f"From: {ANNA.email}", f"To: {MIA}", f"Cc: {HELP}, support+eu@casebook.example.org, help+1@casebook.example.org"
    )

    assert message.about == (MIA,)


def test_to_and_cc_are_kept_each_address_once():
    message = incoming(f"From: {MIA}", f"To: {INBOX}, Noor <{NOOR}>", f"Cc: {NOOR.upper()}")

    assert message.addressed == (INBOX, NOOR)
