"""A mail has admin rights only if authentication results prove its sender, as the settings require."""

import pytest

from bot.mail.authentication import Proof, is_admin_message, is_vouched_for
from bot.mail.parse import read_mail
from fixtures.cast import ANNA

ADMINS = frozenset({ANNA.email})
OURS = "mx.casebook.example.org"


def proof(*results: str, sender: str = ANNA.email, authserv_id: str | None = OURS) -> Proof:
    headers = "".join(f"Authentication-Results: {result}\r\n" for result in results)
    mail = read_mail(f"{headers}From: {sender}\r\n\r\nI'm closing this case.".encode())
    return is_admin_message(mail, ADMINS, authserv_id)


def test_a_sender_who_is_no_admin_is_a_customer_whatever_the_results():
    assert proof(f"{OURS}; dmarc=pass", sender="mia@customer.example.com") is Proof.CUSTOMER


@pytest.mark.parametrize(
    "result",
    [
        f"{OURS}; dmarc=pass header.from=casebook.example.org",
        f"{OURS}; dmarc=pass (p=reject) header.from=casebook.example.org",
        f"{OURS.upper()} 1; spf=fail; DMARC=Pass Header.From=Casebook.Example.Org",
        f"{OURS}; dmarc=pass header.from=casebook.example.org.",
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
        f"{OURS}; dmarc=pass",
        f"{OURS}; dmarc=pass header.from=",
        f"{OURS}; dmarc=pass header.from=attacker.example.net",
        f"{OURS}; dmarc=pass header.from=example.org",
        f"{OURS}; dmarc=pass header.from=attacker.example.net header.from=casebook.example.org",
        f"{OURS}; dkim=pass header.d=attacker.example.net header.d=casebook.example.org",
        f"{OURS}; dkim=pass header.d=a.example.net header.d=b.example.net header.i=@casebook.example.org",
        f"{OURS}; dkim=pass header.d=mail.casebook.example.org",
        f"{OURS}; dkim=pass header.d=org",
        f"{OURS}; dkim=pass header.d=.",
        rf"{OURS}; dkim=none (\); dmarc=pass header.from=casebook.example.org; \()",
        f'{OURS}; spf=none smtp.mailfrom="x; dmarc=pass header.from=casebook.example.org',
        f"{OURS}; dkim=none (dmarc=pass; dkim=pass header.d=casebook.example.org)",
        f'{OURS}; spf=none smtp.mailfrom="x; dmarc=pass"',
        "mx.attacker.example.net; dmarc=pass header.from=casebook.example.org",
        "",
    ],
)
def test_a_missing_failing_or_unaligned_result_leaves_a_claim(result):
    assert proof(result) is Proof.CLAIM


VOUCHED = f"{OURS}; dmarc=pass header.from=casebook.example.org"


@pytest.mark.parametrize(
    ("senders", "found"),
    [
        ((f"{ANNA.email} <evil@attacker.example.net>",), Proof.CUSTOMER),
        ((f"{ANNA.email}, evil@attacker.example.net",), Proof.CLAIM),
        ((f"evil@attacker.example.net, {ANNA.email}",), Proof.CUSTOMER),
        ((f"evil@attacker.example.net <{ANNA.email}>",), Proof.CLAIM),
        ((f'"{ANNA.email}"',), Proof.CLAIM),
        ((ANNA.email, "evil@attacker.example.net"), Proof.CLAIM),
        (("evil@attacker.example.net", ANNA.email), Proof.CUSTOMER),
        ((f"evil@attacker.example.net, {ANNA.email}\r\nSender: {ANNA.email}",), Proof.CLAIM),
        ((f"Anna\r\nSender: {ANNA.email}",), Proof.CLAIM),
        ((f"Anna\r\nReply-To: {ANNA.email}",), Proof.CLAIM),
        ((f"Admin, Anna <{ANNA.email}>",), Proof.ADMIN),
        ((ANNA.email, ANNA.email), Proof.ADMIN),
    ],
)
@pytest.mark.parametrize("authserv_id", [OURS, None])
def test_an_ambiguous_sender_is_a_claim_whatever_the_results(senders, found, authserv_id):
    from_lines = "".join(f"From: {sender}\r\n" for sender in senders)
    mail = read_mail(f"Authentication-Results: {VOUCHED}\r\n{from_lines}\r\nI'm closing this case.".encode())

    assert is_admin_message(mail, ADMINS, authserv_id) is found
    assert is_vouched_for(mail, OURS) is (found is Proof.ADMIN)


FORGED = f"{OURS}; dmarc=pass header.from=casebook.example.org"


@pytest.mark.parametrize(
    "topmost",
    [
        f"{OURS}; dmarc=fail",
        f"{OURS}; spf=pass smtp.mailfrom=casebook.example.org",
        "mx.other.example.net; dmarc=fail",
        "mx.other.example.net; none",
        "dmarc=pass header.from=casebook.example.org",
        "",
    ],
)
def test_only_the_topmost_result_of_the_whole_mail_counts(topmost):
    assert proof(topmost, FORGED) is Proof.CLAIM


@pytest.mark.parametrize(
    ("sender", "signer", "aligned"),
    [
        ("anna@company.co.uk", "company.co.uk", True),
        ("anna@mail.company.co.uk", "company.co.uk", True),
        ("anna@company.co.uk", "co.uk", False),
        ("anna@company.co.uk", "uk", False),
        ("anna@company.github.io", "github.io", False),
        ("anna@company.city.kawasaki.jp", "city.kawasaki.jp", True),
        ("anna@company.other.kawasaki.jp", "other.kawasaki.jp", False),
        ("anna@company.example", "example", False),
        ("anna@firma.公司.cn", "公司.cn", False),
        ("anna@firma.xn--55qx5d.cn", "xn--55qx5d.cn", False),
        ("anna@company.co.uk", "mail.company.co.uk", False),
        ("anna@company.co.uk", "other.co.uk", False),
    ],
)
def test_a_signature_of_a_public_suffix_proves_no_domain_below_it(sender, signer, aligned):
    raw = f"Authentication-Results: {OURS}; dkim=pass header.d={signer}\r\nFrom: {sender}\r\n\r\nHello".encode()

    mail = read_mail(raw)

    assert is_vouched_for(mail, OURS) is aligned
    assert is_admin_message(mail, {sender}, OURS) is (Proof.ADMIN if aligned else Proof.CLAIM)


@pytest.mark.parametrize(
    ("result", "authserv_id", "vouched_for"),
    [
        (f"{OURS}; dmarc=pass header.from=customer.example.com", OURS, True),
        (f"{OURS}; dmarc=pass header.from=customer.example.com", f" {OURS.upper()} ", True),
        (f"{OURS}; dmarc=fail header.from=customer.example.com", OURS, False),
        (f"{OURS}; dmarc=pass", OURS, False),
        ("mx.other.example.net; dmarc=pass header.from=customer.example.com", OURS, False),
        ("dmarc=pass action=none header.from=customer.example.com", "microsoft", True),
        ("dmarc=pass action=none", "microsoft", False),
        (f"{OURS}; dmarc=pass header.from=customer.example.com", "", None),
        (f"{OURS}; dmarc=pass header.from=customer.example.com", None, None),
    ],
)
def test_our_own_server_can_vouch_for_any_sender(result, authserv_id, vouched_for):
    raw = f"Authentication-Results: {result}\r\nFrom: mia@customer.example.com\r\n\r\nHello".encode()

    assert is_vouched_for(read_mail(raw), authserv_id) is vouched_for


def test_nobody_vouches_for_a_mail_without_a_sender():
    raw = f"Authentication-Results: {FORGED}\r\nFrom: Anna\r\n\r\nHello".encode()

    assert is_vouched_for(read_mail(raw), OURS) is False


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


def test_exchange_online_vouches_without_a_server_name():
    assert exchange(EXCHANGE.format("pass", OF_OURS, "pass")) is Proof.ADMIN
    assert exchange(EXCHANGE.format("none", OF_NOBODY, "pass")) is Proof.ADMIN
    assert exchange(EXCHANGE.format("pass", OF_OURS, "bestguesspass")) is Proof.ADMIN
    assert exchange("dmarc=pass action=none header.from=casebook.example.org") is Proof.ADMIN


def test_exchange_online_vouches_for_internal_mail():
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
        (("dmarc=pass action=none",), ()),
        (("dmarc=pass action=none header.from=attacker.example.net",), ()),
        (("dkim=pass header.d=org",), ()),
        ((INTERNAL, EXCHANGE.format("pass", OF_OURS, "pass")), ()),
        (("mx.attacker.example.net; dmarc=pass header.from=casebook.example.org",), ()),
        (("mx.attacker.example.net; none", EXCHANGE.format("pass", OF_OURS, "pass")), ("Internal",)),
    ],
)
def test_without_a_pass_or_internal_mail_exchange_online_leaves_a_claim(results, sent):
    assert exchange(*results, sent=sent) is Proof.CLAIM


def test_the_internal_mark_counts_only_at_exchange_online():
    raw = f"X-MS-Exchange-Organization-AuthAs: Internal\r\nFrom: {ANNA.email}\r\n\r\nHello".encode()

    assert is_admin_message(read_mail(raw), ADMINS, OURS) is Proof.CLAIM


def test_a_topmost_dmarc_failure_leaves_a_claim_without_a_server_name_and_without_the_setting():
    assert proof("dmarc=fail action=none header.from=casebook.example.org", authserv_id=None) is Proof.CLAIM
    assert proof(EXCHANGE.format("pass", OF_OURS, "fail"), authserv_id="") is Proof.CLAIM


def test_without_the_setting_from_is_trusted_unless_the_topmost_result_fails():
    assert proof(authserv_id=None) is Proof.ADMIN
    assert proof("mx.any.example.net; dmarc=none", authserv_id=None) is Proof.ADMIN
    assert proof("mx.any.example.net; dmarc=fail", authserv_id=None) is Proof.CLAIM
    assert proof("mx.any.example.net; dmarc=none", "forged; dmarc=fail", authserv_id="") is Proof.ADMIN
