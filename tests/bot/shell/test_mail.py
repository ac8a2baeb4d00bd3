"""`casebook read-mail` shows a mail as text and as JSON, without any setting."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import main
from bot.mail.worker.record import KEYS

MAILS = Path(__file__).parents[3] / "fixtures" / "mails"


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """No setting at all."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SLACK_BOT_TOKEN", raising=False)


def test_programs_get_an_object_a_line(capsys):
    files = [str(MAILS / "plain.eml"), str(MAILS / "bounce_qmail.eml")]

    assert main(["read-mail", "--json", *files]) == 0

    plain, bounce = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert [plain["file"], bounce["file"]] == files
    assert plain["seconds"] >= 0
    assert bounce["bounced_addrs"] == ["otto@customer.example.net"]


def test_people_get_a_page_with_what_the_mail_has(capsys):
    assert main(["read-mail", str(MAILS / "forwarded_gmail_german.eml")]) == 0

    page = capsys.readouterr().out
    assert "forward_from_addr" in page
    assert "otto@customer.example.net" in page
    assert "Der Drucker zieht kein Papier." in page
    assert "bounce_status" not in page


def test_a_mail_has_no_power_over_the_terminal(capsys, tmp_path):
    (tmp_path / "a.eml").write_bytes(b"From: a@example.org\nSubject: [bold]x\x1b[31m\n\n\x1b]0;title\x07[red]hello")

    assert main(["read-mail", "a.eml"]) == 0

    page = capsys.readouterr().out
    assert "\x1b" not in page
    assert "[bold]x" in page
    assert "[red]hello" in page


def test_what_cannot_be_read_is_said_and_the_others_are_still_read(capsys, tmp_path):
    (tmp_path / "none.eml").write_bytes(b"")
    plain = str(MAILS / "plain.eml")

    assert main(["read-mail", "missing.eml", str(tmp_path), "none.eml", plain]) == 1

    said = capsys.readouterr()
    assert "missing.eml: The file cannot be read: No such file or directory." in said.err
    assert "none.eml: This mail has no headers." in said.err
    assert plain in said.out


def test_programs_get_an_object_for_what_cannot_be_read_too(capsys):
    assert main(["read-mail", "--json", "missing.eml"]) == 1

    assert json.loads(capsys.readouterr().out) == {
        "file": "missing.eml",
        "error": "The file cannot be read: No such file or directory.",
    }


def test_a_dash_is_standard_input():
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "read-mail", "--json", "-"],
        input=b"From: a@example.org\n\nhello",
        capture_output=True,
        check=True,
    )

    assert json.loads(done.stdout)["full_text"] == "hello"


def test_help_lists_the_keys(capsys):
    with pytest.raises(SystemExit):
        main(["read-mail", "--help"])

    told = capsys.readouterr().out
    assert all(name in told for name in KEYS)
