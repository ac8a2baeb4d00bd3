"""systemd accepts the unit and rates it as well sandboxed, and its credentials become settings."""

import subprocess
import sys
from pathlib import Path

from dotenv import dotenv_values

from bot.settings import read_settings

UNIT = Path(__file__).parents[1] / "casebook.service"
EXPOSURE = 15  # ten times the exposure level of systemd-analyze: 1.5, where 10 is no sandbox and below 2 is "OK"
FILLED_IN = {
    "SUPPORT_SLACK_CHANNEL": "#support",
    "ALERTING_SLACK_CHANNEL": "#alerts",
    "LOGGING_SLACK_CHANNEL": "#log",
    "IMAP_SERVER": "imap.example.com",
    "IMAP_EMAIL": "support@example.com",
}


def environment_file() -> dict[str, str]:
    """.env.example, completed by an operator; the secrets stay empty there."""
    example = dotenv_values(UNIT.parents[1] / ".env.example")
    return {key: text or "" for key, text in example.items()} | FILLED_IN


def values(name: str) -> list[str]:
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    return [line.partition("=")[2] for line in lines if line.startswith(f"{name}=")]


def analyze(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, check=False)


def test_systemd_finds_nothing_wrong_with_it(tmp_path):
    here = tmp_path / UNIT.name
    # systemd-analyze also checks that the program exists.
    here.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/casebook/.venv/bin/python", sys.executable))

    verified = analyze("verify", str(here))

    assert (verified.returncode, verified.stdout + verified.stderr) == (0, "")


def test_a_unit_with_a_misspelt_line_would_be_found(tmp_path):
    here = tmp_path / UNIT.name
    here.write_text(UNIT.read_text(encoding="utf-8").replace("PrivateTmp", "PrivateTemp"))

    verified = analyze("verify", str(here))

    assert "PrivateTemp" in verified.stderr


def test_it_is_well_sandboxed():
    judged = analyze("security", "--offline=true", f"--threshold={EXPOSURE}", str(UNIT))

    assert judged.returncode == 0, judged.stdout


def test_its_credentials_become_settings(tmp_path):
    texts = {"slack_bot_token": "xoxb-1\n", "slack_app_token": "xapp-1\n", "imap_password": "swordfish\n"}
    for credential in values("LoadCredential"):
        name = credential.partition(":")[0]
        (tmp_path / name).write_text(texts[name], encoding="utf-8")
    given = dict(value.replace("%d", str(tmp_path)).split("=", 1) for value in values("Environment"))

    settings = read_settings(environment_file() | given, tmp_path)

    assert settings.slack_bot_token.reveal() == "xoxb-1"
    assert settings.slack_app_token.reveal() == "xapp-1"
    assert settings.imap_password.reveal() == "swordfish"
