"""The compose files, a completed .env and the secrets give each bot settings that Casebook accepts."""

from pathlib import Path
from typing import Any

import pytest
from dotenv import dotenv_values
from ruamel.yaml import YAML

from bot.settings import SECRETS, Settings, read_settings

ROOT = Path(__file__).parents[2]
FILLED_IN = {
    "SUPPORT_SLACK_CHANNEL": "#support",
    "ALERTING_SLACK_CHANNEL": "#alerts",
    "LOGGING_SLACK_CHANNEL": "#log",
    "ADMIN_EMAILS": "anna@example.com",
    "IMAP_SERVER": "imap.example.com",
    "IMAP_EMAIL": "support@example.com",
}
TEXTS = {
    "slack_bot_token": "xoxb-1\n",
    "slack_app_token": "xapp-1\n",
    "imap_password": "swordfish\n",
    "database_url": "postgresql://casebook:s3cret@postgres/casebook\n",
    "postgres_password": "s3cret\n",
}


def environment_file() -> dict[str, str]:
    """.env.example, completed by an operator; the secrets stay empty there."""
    return {key: text or "" for key, text in dotenv_values(ROOT / ".env.example").items()} | FILLED_IN


def compose(name: str) -> dict[str, Any]:
    return YAML(typ="safe", pure=True).load(ROOT / name)


def settings_of(name: str, service: str, folder: Path) -> Settings:
    """The settings that a bot reads when only the secrets of its service are mounted."""
    asked = compose(name)["services"][service]
    for secret in asked["secrets"]:
        (folder / secret).write_text(TEXTS[secret], encoding="utf-8")
    given = {key: value.replace("/run/secrets", str(folder)) for key, value in asked["environment"].items()}
    return read_settings(environment_file() | given, folder)


def test_one_bot_has_its_database_in_the_volume(tmp_path):
    settings = settings_of("compose.yaml", "casebook", tmp_path)
    (volume,) = compose("compose.yaml")["services"]["casebook"]["volumes"]

    assert settings.database_url.reveal() == f"sqlite:///{volume.partition(':')[2]}/casebook.db"
    assert str(settings.attachments) == f"{volume.partition(':')[2]}/casebook-attachments"
    assert settings.slack_bot_token.reveal() == "xoxb-1"
    assert settings.imap_password.reveal() == "swordfish"
    assert settings.mail_door
    assert settings.host == "0.0.0.0"


def test_two_bots_share_the_database_and_either_may_read_the_inbox(tmp_path):
    first, second = (settings_of("compose.prod.yaml", name, tmp_path) for name in ("first", "second"))

    assert first.database_url == second.database_url
    assert first.database_url.reveal().startswith("postgresql://")
    assert first.mail_door
    assert second.mail_door
    assert first.imap_password == second.imap_password
    assert first.attachments is second.attachments is None


@pytest.mark.parametrize("name", ["compose.yaml", "compose.prod.yaml"])
def test_secrets_and_volumes_are_declared_and_used(name):
    services = compose(name)["services"].values()
    asked = {secret for service in services for secret in service.get("secrets", ())}
    mounted = {volume.partition(":")[0] for service in services for volume in service.get("volumes", ())}

    assert asked == set(compose(name)["secrets"])
    assert mounted == set(compose(name)["volumes"])
    for service in services:
        files = {key: value for key, value in service["environment"].items() if key.endswith("_FILE")}
        assert {value.removeprefix("/run/secrets/") for value in files.values()} == set(service["secrets"])
        assert {key.removesuffix("_FILE") for key in files} <= SECRETS | {"POSTGRES_PASSWORD"}


@pytest.mark.parametrize("name", ["compose.yaml", "compose.prod.yaml"])
def test_only_the_bots_are_published_and_only_to_this_machine(name):
    published = [port for service in compose(name)["services"].values() for port in service.get("ports", ())]

    assert published
    assert [port for port in published if not port.startswith("127.0.0.1:")] == []
    assert "ports" not in compose(name)["services"].get("postgres", {})
