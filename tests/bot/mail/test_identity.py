"""An admin's power by mail needs what the settings ask for."""

import pytest

from bot.mail.identity import Proof, is_admin_message
from bot.mail.parse import read_mail
from fixtures.cast import ANNA

ADMINS = frozenset({ANNA.email})
OURS = "mx.casebook.example.org"


def proof(*results: str, sender: str = ANNA.email, authserv_id: str | None = OURS) -> Proof:
    headers = "".join(f"Authentication-Results: {result}\r\n" for result in results)
    mail = read_mail(f"{headers}From: {sender}\r\n\r\nI'm closing this case.".encode())
    return is_admin_message(mail, ADMINS, authserv_id)


def test_somebody_else_is_a_customer_whatever_was_proved():
    assert proof(f"{OURS}; dmarc=pass", sender="mia@customer.example.com") is Proof.CUSTOMER
    assert proof(f"{OURS}; dmarc=pass", sender="anna@casebook.example.org, x@example.org") is Proof.CUSTOMER


@pytest.mark.parametrize(
    "result",
    [
        f"{OURS}; dmarc=pass header.from=casebook.example.org",
        f"{OURS}; dmarc=pass (p=reject) header.from=casebook.example.org",
        f"{OURS.upper()} 1; spf=fail; DMARC=Pass",
        f"{OURS}; dkim=pass header.d=casebook.example.org",
        f"{OURS}; dkim=pass header.d=example.org header.s=key",
        f"{OURS}; dkim=fail header.d=x.example; dkim=pass header.i=@casebook.example.org",
    ],
)
def test_a_passing_aligned_result_of_our_own_server_proves_an_admin(result):
    assert proof(result) is Proof.ADMIN


@pytest.mark.parametrize(
    "result",
    [
        f"{OURS}; dmarc=fail header.from=casebook.example.org",
        f"{OURS}; none",
        f"{OURS}; spf=pass smtp.mailfrom=casebook.example.org",
        f"{OURS}; dkim=pass header.d=attacker.example.net",
        f"{OURS}; dkim=pass header.d=book.example.org",
        f"{OURS}; dkim=pass",
        f"{OURS}; dmarc=fail; dkim=pass header.d=casebook.example.org",
        f"{OURS}; dmarc=pass header.from=attacker.example.net",
        f"{OURS}; dkim=none (dmarc=pass; dkim=pass header.d=casebook.example.org)",
        f'{OURS}; spf=none smtp.mailfrom="x; dmarc=pass"',
        "mx.attacker.example.net; dmarc=pass header.from=casebook.example.org",
        "",
    ],
)
def test_anything_less_is_a_claim(result):
    assert proof(result) is Proof.CLAIM


def test_only_the_topmost_result_of_our_server_counts():
    forged = f"{OURS}; dmarc=pass header.from=casebook.example.org"

    assert proof(f"{OURS}; dmarc=fail", forged) is Proof.CLAIM
    assert proof("mx.other.example.net; dmarc=fail", forged) is Proof.ADMIN


EXCHANGE = (
    "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=casebook.example.org; dkim={} (signature was verified)"
    " header.d={};dmarc={} action=none header.from=casebook.example.org;compauth=pass reason=100"
)
OF_OURS, OF_NOBODY = "casebook.example.org", "none"
INTERNAL = "dkim=none (message not signed) header.d=none;dmarc=none action=none header.from=casebook.example.org;"


def exchange(*results: str, sent: tuple[str, ...] = ()) -> Proof:
    headers = "".join(f"Authentication-Results: {result}\r\n" for result in results)
    headers += "".join(f"X-MS-Exchange-Organization-AuthAs: {how}\r\n" for how in sent)
    mail = read_mail(f"{headers}From: {ANNA.email}\r\n\r\nI'm closing this case.".encode())
    return is_admin_message(mail, ADMINS, "Microsoft")


def test_exchange_online_vouches_without_a_name():
    assert exchange(EXCHANGE.format("pass", OF_OURS, "pass")) is Proof.ADMIN
    assert exchange(EXCHANGE.format("none", OF_NOBODY, "pass")) is Proof.ADMIN
    assert exchange(EXCHANGE.format("pass", OF_OURS, "bestguesspass")) is Proof.ADMIN
    assert exchange("dmarc=pass action=none header.from=casebook.example.org") is Proof.ADMIN


def test_exchange_online_vouches_for_what_a_mailbox_of_the_same_organisation_sent():
    assert exchange(INTERNAL, sent=("Internal",)) is Proof.ADMIN
    assert exchange(sent=("Internal",)) is Proof.ADMIN


@pytest.mark.parametrize(
    ("results", "sent"),
    [
        ((), ()),
        ((INTERNAL,), ()),
        ((INTERNAL,), ("Anonymous",)),
        ((INTERNAL,), ("Internal", "Anonymous")),
        ((INTERNAL,), ("Internal74",)),
        ((EXCHANGE.format("pass", OF_OURS, "fail"),), ()),
        ((EXCHANGE.format("pass", OF_OURS, "fail"),), ("Internal",)),
        ((EXCHANGE.format("pass", "attacker.example.net", "none"),), ()),
        ((EXCHANGE.format("none", OF_NOBODY, "bestguesspass"),), ()),
        ((INTERNAL, EXCHANGE.format("pass", OF_OURS, "pass")), ()),
        (("mx.attacker.example.net; dmarc=pass header.from=casebook.example.org",), ()),
        (("mx.attacker.example.net; none", EXCHANGE.format("pass", OF_OURS, "pass")), ("Internal",)),
    ],
)
def test_anything_less_from_exchange_online_is_a_claim(results, sent):
    assert exchange(*results, sent=sent) is Proof.CLAIM


def test_what_says_internal_proves_nothing_to_any_other_server():
    raw = f"X-MS-Exchange-Organization-AuthAs: Internal\r\nFrom: {ANNA.email}\r\n\r\nHello".encode()

    assert is_admin_message(read_mail(raw), ADMINS, OURS) is Proof.CLAIM


def test_a_topmost_failure_takes_the_power_away_also_without_a_name_and_without_the_setting():
    assert proof("dmarc=fail action=none header.from=casebook.example.org", authserv_id=None) is Proof.CLAIM
    assert proof(EXCHANGE.format("pass", OF_OURS, "fail"), authserv_id="") is Proof.CLAIM


def test_without_the_setting_from_is_believed_unless_the_topmost_result_fails():
    assert proof(authserv_id=None) is Proof.ADMIN
    assert proof("mx.any.example.net; dmarc=none", authserv_id=None) is Proof.ADMIN
    assert proof("mx.any.example.net; dmarc=fail", authserv_id=None) is Proof.CLAIM
    assert proof("mx.any.example.net; dmarc=none", "forged; dmarc=fail", authserv_id="") is Proof.ADMIN
