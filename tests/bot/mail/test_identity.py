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


def test_without_the_setting_from_is_believed_unless_the_topmost_result_fails():
    assert proof(authserv_id=None) is Proof.ADMIN
    assert proof("mx.any.example.net; dmarc=none", authserv_id=None) is Proof.ADMIN
    assert proof("mx.any.example.net; dmarc=fail", authserv_id=None) is Proof.CLAIM
    assert proof("mx.any.example.net; dmarc=none", "forged; dmarc=fail", authserv_id="") is Proof.ADMIN
