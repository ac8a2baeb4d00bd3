"""The checks against mail servers that are set up well, badly, or silent; nothing in the folder changes."""

import asyncio
import ssl
import sys
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult

from bot.clock import Clock
from bot.mail.checks.inbox import authserv_finding, check_inbox
from bot.mail.checks.sending import check_sending
from bot.mail.imap.session import Session
from bot.reports.findings import Verdict
from bot.settings.kinds import SmtpTls
from casebook.errors import DatabaseUnavailableError
from fixtures.cast import INBOX
from fixtures.mailbox import Mailbox
from fixtures.mailbox.meddler import Meddler

PLAIN = b"From: mia@customer.example.com\r\nSubject: Help\r\nMessage-ID: <%d@x>\r\n\r\nThe export is broken.\r\n"
VOUCHED = b"Authentication-Results: mx.example.org; dmarc=pass header.from=customer.example.com\r\n"
SINCE = datetime(2026, 5, 3, 10, 12, tzinfo=UTC)


async def never():
    """The folder was never read."""


async def tried(account, *, kept=never, authserv_id="", admins_write=True, now=None):
    """The findings by name."""
    findings = check_inbox(
        account, kept=kept, authserv_id=authserv_id, admins_write=admins_write, now=now or Clock().now()
    )
    return {finding.what: finding async for finding in findings}


async def test_a_good_inbox_has_only_good_findings(box, account):
    await box.deliver(VOUCHED + PLAIN % 1)

    found = await tried(account(box), authserv_id="mx.example.org")

    assert list(found) == ["imap", "login", "abilities", "folder", "mails to take", "MAIL_AUTHSERV_ID"]
    assert {finding.state for finding in found.values()} == {Verdict.OK}
    assert found["folder"].found == "INBOX has 1 mail"
    assert "IDLE" in found["abilities"].found


async def test_the_first_start_takes_unseen_mails_and_the_newest_are_listed(box, account):
    for number in range(8):
        await box.deliver(PLAIN % number, seen=number == 0, received_at=SINCE + timedelta(days=number))
    before = await box.flags()

    found = await tried(account(box))

    text = found["mails to take"].found
    assert text.startswith("on its first start the bot takes the 7 that nobody has opened yet")
    assert "the newest are UID 108 (2026-05-10 10:12 UTC, 1 kB), UID 107" in text
    assert "UID 103" not in text
    assert await box.flags() == before


async def test_a_later_start_takes_the_mails_after_the_stored_position(box, account):
    for number in range(3):
        await box.deliver(PLAIN % number, seen=True)
    validity = await validity_of(box, account)

    async def kept():
        return f"{validity} 102 2026-05-03"

    found = await tried(account(box), kept=kept)

    assert found["mails to take"].found.startswith("1 have come since the bot last looked: UID 103")


async def validity_of(box, account):
    """The folder's UIDVALIDITY."""
    session = await Session.open(account(box), answer_within=5, heard=lambda: None, read_only=True)
    session.abandon()
    return session.uid_validity


async def test_without_a_database_the_mails_to_take_are_unknown(box, account):
    async def kept():
        raise DatabaseUnavailableError

    assert (await tried(account(box), kept=kept))["mails to take"].state is Verdict.SKIPPED


async def test_a_wrong_password_is_distinguished_from_a_failed_connection(box, account):
    refused = await tried(account(box, password="wrong"))
    box.refuse()
    dead = await tried(account(box))

    assert refused["imap"].state is Verdict.OK
    assert refused["login"].state is Verdict.FAILED
    assert "app password" in refused["login"].advice
    assert dead["imap"].state is Verdict.FAILED
    assert list(dead) == ["imap"]


async def test_a_failing_token_command_is_reported(box, account):
    found = await tried(account(box, password="", token_command=f"{sys.executable} -c 'raise SystemExit(1)'"))

    assert found["login"].state is Verdict.FAILED
    assert "IMAP_TOKEN_COMMAND" in found["login"].found


async def test_a_missing_folder_is_reported(box, account):
    found = await tried(account(box, folder="Post"))

    assert found["folder"].advice == "Correct IMAP_FOLDER."


async def test_a_refused_folder_is_reported_with_the_servers_reason(box, account):
    async with Meddler.before(box.imap_port) as meddler:
        meddler.answers["EXAMINE"] = b"NO EXAMINE Unsafe Login. Please contact kefu@mail.example.net for help"
        found = await tried(account(box, port=meddler.port))

    assert found["folder"].found.endswith("; it says: EXAMINE Unsafe Login. Please contact [address] for help")
    assert found["folder"].advice == "Do what it asks for, or correct IMAP_FOLDER."


async def test_a_server_that_requires_an_id_first_is_checked_too(box, account):
    async with Meddler.before(box.imap_port) as meddler:
        meddler.wants_id = True
        found = await tried(account(box, port=meddler.port))

    assert found["folder"].state is Verdict.OK


async def test_a_server_without_idle_is_a_warning_with_the_consequence(account):
    async with Mailbox.running(idle=False) as box:
        found = await tried(account(box, poll_interval=30.0))

    assert found["abilities"].state is Verdict.WARNING
    assert "every 30 s" in found["abilities"].found


async def test_a_closed_port_and_an_unknown_host_are_reported(box, account):
    closed = await tried(account(box, port=1))
    unknown = await tried(account(box, server="imap.invalid"))

    assert "nothing listens at 127.0.0.1:1" in closed["imap"].found
    assert unknown["imap"].state is Verdict.FAILED


async def test_a_server_of_another_protocol_is_reported(box, account):
    found = await tried(account(box, port=box.smtp_port))

    assert "does not speak IMAP" in found["imap"].found


async def test_a_server_without_tls_is_reported(box, account):
    found = await tried(account(box, port=box.smtp_port, tls=True))

    assert "does not speak TLS" in found["imap"].found
    assert "IMAP_TLS" in found["imap"].advice


@pytest.fixture
async def encrypted(account):
    """A mailbox with TLS, and an account that trusts its certificate, which expires about 2038."""
    authority = trustme.CA()
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(server)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with Mailbox.running(tls=server) as box:
        yield account(box, tls=True), account(box, tls=True, authorities=trusting)


async def test_an_untrusted_certificate_is_reported(encrypted):
    doubting, _ = encrypted

    assert "certificate of 127.0.0.1" in (await tried(doubting))["imap"].found


async def test_a_certificate_is_reported_with_its_expiry_and_a_warning_before_it(encrypted):
    _, trusting = encrypted

    now = await tried(trusting)
    until = datetime.fromisoformat(now["imap"].found.rpartition(" ")[2]).replace(tzinfo=UTC)
    later = await tried(trusting, now=until - timedelta(days=3))

    assert now["imap"].state is Verdict.OK
    assert "TLSv1" in now["imap"].found
    assert later["imap"].state is Verdict.WARNING


# What our mail server says about senders


@pytest.mark.parametrize(
    ("topmost", "authserv_id", "state", "words"),
    [
        (["mx.a.org; dmarc=pass"] * 3, "", Verdict.WARNING, "MAIL_AUTHSERV_ID=mx.a.org"),
        (["mx.a.org; dmarc=pass"] * 3, "MX.a.org", Verdict.OK, "3 of the newest 3"),
        (["mx.a.org; dmarc=pass"] * 3, "mx.b.org", Verdict.FAILED, "MAIL_AUTHSERV_ID=mx.a.org"),
        (["mx.a.org; dmarc=pass", "", ""], "", Verdict.WARNING, "do not agree"),
        (["mx.a.org; dmarc=pass", "mx.b.org; spf=pass"], "", Verdict.WARNING, "mx.a.org, mx.b.org"),
        (["dmarc=pass header.from=a.org;compauth=pass"] * 3, "", Verdict.WARNING, "Add MAIL_AUTHSERV_ID=microsoft"),
        (["dmarc=pass header.from=a.org;compauth=pass"] * 3, "microsoft", Verdict.OK, "3 of the newest 3"),
        (["spf=pass smtp.mailfrom=a.org"] * 3, "mx.b.org", Verdict.FAILED, "the mailbox is on Microsoft 365"),
        (["", ""], "", Verdict.WARNING, "no Authentication-Results"),
        (["", ""], "mx.a.org", Verdict.FAILED, "none of the newest 2"),
        ([], "", Verdict.SKIPPED, "no mail"),
    ],
)
def test_the_setting_to_add_is_read_from_recent_mails(topmost, authserv_id, state, words):
    finding = authserv_finding(topmost, authserv_id)

    assert finding.state is state
    assert words in f"{finding.found} {finding.advice}"


async def test_only_the_topmost_result_counts(box, account):
    forged = b"Authentication-Results: evil.example.net; dmarc=pass\r\n"
    for number in range(5):
        await box.deliver(VOUCHED + forged + PLAIN % number, seen=True)

    found = await tried(account(box))

    assert found["MAIL_AUTHSERV_ID"].advice == "Add MAIL_AUTHSERV_ID=mx.example.org"


async def test_without_admins_by_mail_the_authserv_id_is_not_checked(box, account):
    assert "MAIL_AUTHSERV_ID" not in await tried(account(box), admins_write=False)


# The server for mail that goes out


async def sending(port, *, tls=SmtpTls.PLAIN, user="", server="127.0.0.1"):
    """The findings by name."""
    findings = check_sending(server, port, tls=tls, user=user, password="swordfish", sender=INBOX, now=Clock().now())
    return {finding.what: finding async for finding in findings}


async def test_a_good_smtp_server_is_reported_and_gets_no_mail(box):
    found = await sending(box.smtp_port, user="support")

    assert {finding.state for finding in found.values()} == {Verdict.OK}
    assert found["smtp login"].found == "support is logged in"
    assert box.sent == []


async def test_a_refused_login_is_distinguished_from_a_failed_connection():
    def refuse(*_):
        return AuthResult(success=False, handled=False)

    loop = asyncio.get_running_loop()
    connections = []

    def connect():
        connections.append(SMTP(object(), loop=loop, authenticator=refuse, auth_require_tls=False))
        return connections[-1]

    server = await loop.create_server(connect, "127.0.0.1", 0)
    found = await sending(server.sockets[0].getsockname()[1], user="support")
    server.close()
    for connection in connections:
        if connection.transport is not None:
            connection.transport.abort()

    assert found["smtp"].state is Verdict.OK
    assert found["smtp login"].state is Verdict.FAILED
    assert "535" in found["smtp login"].found


async def test_an_smtp_server_without_tls_is_reported(box):
    greeted = await sending(box.smtp_port, tls=SmtpTls.STARTTLS)
    at_once = await sending(box.smtp_port, tls=SmtpTls.IMPLICIT)

    assert greeted["smtp"].state is Verdict.FAILED
    assert "STARTTLS" in greeted["smtp"].found
    assert "does not speak TLS" in at_once["smtp"].found


async def test_an_unreachable_smtp_server_is_reported():
    found = await sending(1)

    assert "nothing listens at 127.0.0.1:1" in found["smtp"].found


async def test_without_a_server_the_check_is_skipped():
    assert (await sending(25, server=""))["smtp"].state is Verdict.SKIPPED
