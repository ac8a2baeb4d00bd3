"""The set-ups that the pages show are ones with which the program starts, and their scripts run."""

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.mail.incoming import MailRules, read_incoming
from bot.settings import VARIABLES, read_settings
from casebook.incoming import Standing
from tests.papers.page import install_mail, manual

MAIL = install_mail()
SLACK = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_APP_TOKEN": "xapp-1",
    "SUPPORT_SLACK_CHANNEL": "#support",
    "ALERTING_SLACK_CHANNEL": "#alerts",
    "LOGGING_SLACK_CHANNEL": "#log",
}
SET_UPS = [block for block in MAIL.blocks() if block.startswith("IMAP_SERVER=")]
SCRIPTS = [block for block in MAIL.blocks() if block.startswith("#!/bin/sh")]


def test_there_is_a_set_up_for_each_kind_of_mail_server():
    assert [block.splitlines()[0] for block in SET_UPS] == [
        "IMAP_SERVER=imap.gmail.com",
        "IMAP_SERVER=outlook.office365.com",
        "IMAP_SERVER=mail.example.org",
    ]
    assert len(SCRIPTS) == 2


@pytest.mark.parametrize("block", SET_UPS)
def test_a_mail_set_up_of_the_page_opens_the_mail_door(block, tmp_path):
    (tmp_path / ".env").write_text(block, encoding="utf-8")

    settings = read_settings(SLACK, tmp_path)

    assert settings.mail_door
    assert settings.imap_tls


def test_every_set_up_says_whose_word_counts_for_who_is_an_admin():
    assert [block.splitlines()[0] for block in SET_UPS if "MAIL_AUTHSERV_ID" not in block] == []


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_token_script_of_the_page_prints_the_token_and_nothing_else(script, tmp_path: Path):
    (tmp_path / "secrets").write_text("CLIENT_ID=a\nCLIENT_SECRET=b\nREFRESH_TOKEN=c\nTENANT_ID=d\n")
    curl = tmp_path / "curl"
    curl.write_text(
        """#!/bin/sh\necho "$@" > asked\ncat >> asked\necho '{"token_type": "Bearer", "access_token": "fresh"}'\n"""
    )
    curl.chmod(0o755)
    (tmp_path / "token").write_text(re.sub(r"(?m)^\. /etc/casebook/\w+$", ". ./secrets", script))

    run = subprocess.run(
        ["sh", "token"], cwd=tmp_path, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, check=True
    )

    assert (run.stdout, run.stderr) == (b"fresh\n", b"")
    options, _, body = (tmp_path / "asked").read_text().partition("\n")
    assert body.startswith("client_id=a&client_secret=b&")
    assert "=b" not in options, "the list of processes shows everybody what a program was called with"


def test_every_capital_word_with_an_underscore_that_is_shown_as_a_line_is_a_setting():
    lines = [line for page in manual() for block in page.blocks() for line in block.splitlines()]
    shown = {found[1] for line in lines if (found := re.match(r"([A-Z_]+)=", line))}

    assert shown
    assert shown <= set(VARIABLES)


INBOX = "support@example.org"


def standing(headers: str, authserv_id: str | None = None) -> Standing:
    """What a mail of an admin counts as under these headers."""
    raw = f"{headers}\nFrom: anna@example.org\nTo: {INBOX}\nSubject: Yours\nMessage-ID: <1@example.org>\n\nHello\n"
    rules = MailRules(inbox_address=INBOX, admin_emails=frozenset({"anna@example.org"}), authserv_id=authserv_id)
    return read_incoming(
        raw.encode(), received_at=datetime(2026, 3, 2, tzinfo=UTC), folder="INBOX", settings=rules
    ).standing


GMAIL = (
    "Authentication-Results: mx.google.com;\n dkim=pass header.i=@example.org header.s=2026 header.b=abc;\n"
    " spf=pass (google.com: domain of anna@example.org designates 192.0.2.1 as permitted sender)"
    " smtp.mailfrom=anna@example.org;\n dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=example.org"
)
MICROSOFT = (
    "Authentication-Results: spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.org;"
    " dkim=pass (signature was verified) header.d=example.org;dmarc={} action=none header.from=example.org;"
    "compauth=pass reason=100"
)
OPENDMARC = (
    "Authentication-Results: mail.example.org; dmarc=pass (p=reject dis=none) header.from=example.org\n"
    "Authentication-Results: mail.example.org;\n\tdkim=pass (2048-bit key) header.d=example.org header.b=abc"
)


@pytest.mark.parametrize(("headers", "name"), [(GMAIL, "mx.google.com"), (OPENDMARC, "mail.example.org")])
def test_an_admin_is_believed_by_the_name_that_the_page_gives(headers, name):
    assert standing(headers, name) is Standing.ADMIN


def test_on_microsoft_365_the_value_that_the_page_gives_believes_what_exchange_vouches_for():
    assert standing(MICROSOFT.format("pass"), "protection.outlook.com") is Standing.CLAIM
    assert standing(MICROSOFT.format("pass"), "microsoft") is Standing.ADMIN
    assert standing(MICROSOFT.format("fail"), "microsoft") is Standing.CLAIM
    assert standing("X-MS-Exchange-Organization-AuthAs: Internal", "microsoft") is Standing.ADMIN
    assert standing("X-MS-Exchange-Organization-AuthAs: Anonymous", "microsoft") is Standing.CLAIM
    assert standing(MICROSOFT.format("fail")) is Standing.CLAIM


def test_mail_through_a_group_with_another_address_is_left_out():
    assert standing("Precedence: list\nList-ID: <help.example.org>") is Standing.AUTOMATIC
    assert standing("Precedence: list\nList-ID: <support.example.org>") is Standing.ADMIN
