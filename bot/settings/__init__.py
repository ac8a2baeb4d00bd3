"""Reads the environment and `.env` into one frozen `Settings`, and reports every problem at once. It opens nothing."""

# ruff: noqa: RUF009 - setting() is dataclasses.field() with metadata about the variable

import os
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from bot.settings import kinds, rules
from bot.settings.kinds import HomeMembers, ImapMark, Kind, LogLevel, Secret, SmtpTls
from bot.settings.proxies import Proxies
from bot.settings.sources import gather
from casebook.errors import CasebookError
from casebook.rules import Limits


class SettingsError(CasebookError):
    """The settings are wrong or incomplete; nothing was touched."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class SlackDoor(StrEnum):
    """How Slack delivers events to us."""

    SOCKET = "socket"
    CONFIGURED = "configured"  # only a signing secret: no events, since events over HTTP are not supported yet
    OFF = "off"


def setting(kind: Kind, default: str = "", *, absent: Any = None, required: bool = False) -> Any:
    """A field of `Settings`: `default` is the text of the variable; with neither, the value is `absent`."""
    return field(metadata={"kind": kind, "default": default, "absent": absent, "required": required})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings; each field but `remarks` is the environment variable of the same name in upper case."""

    database_url: Secret = setting(kinds.DATABASE_URL, "sqlite:///casebook.db")

    slack_bot_token: Secret = setting(kinds.BOT_TOKEN, required=True)
    slack_app_token: Secret | None = setting(kinds.APP_TOKEN)
    slack_signing_secret: Secret | None = setting(kinds.PASSWORD)
    slack_api_url: str = setting(kinds.API_URL, "https://slack.com/api/")
    support_slack_channel: str = setting(kinds.CHANNEL, required=True)
    alerting_slack_channel: str = setting(kinds.CHANNEL, required=True)
    logging_slack_channel: str = setting(kinds.CHANNEL, required=True)
    customer_apps: frozenset[str] = setting(kinds.APPS, absent=frozenset())
    customer_slack_channels: tuple[str, ...] = setting(kinds.CHANNELS, absent=())

    https_proxy: Secret | None = setting(kinds.PROXY)
    http_proxy: Secret | None = setting(kinds.PROXY)
    no_proxy: str = setting(kinds.TEXT, absent="")

    admin_emails: frozenset[str] = setting(kinds.ADDRESSES, absent=frozenset())
    admin_slack_ids: frozenset[str] = setting(kinds.USERS, absent=frozenset())
    admin_slack_usergroup: str = setting(kinds.GROUP, absent="")
    home_members: HomeMembers = setting(kinds.HOME, "customers")

    imap_server: str = setting(kinds.HOST_NAME, absent="")
    imap_port: int = setting(kinds.PORT, "993")
    imap_email: str = setting(kinds.ADDRESS, absent="")
    imap_login: str = setting(kinds.TEXT, absent="")
    imap_password: Secret | None = setting(kinds.PASSWORD)
    imap_token_command: str = setting(kinds.TEXT, absent="")
    imap_tls: bool = setting(kinds.BOOLEAN, "true")
    imap_folder: str = setting(kinds.TEXT, "INBOX")
    imap_mark: ImapMark = setting(kinds.MARK, "seen")
    imap_idle_seconds: float = setting(kinds.SECONDS, "120")
    email_poll_interval: float = setting(kinds.SECONDS, "30")
    mail_authserv_id: str = setting(kinds.TEXT, absent="")
    our_addresses: frozenset[str] = setting(kinds.ADDRESSES, absent=frozenset())

    smtp_server: str = setting(kinds.HOST_NAME, absent="")
    smtp_tls: SmtpTls = setting(kinds.TLS, "starttls")
    smtp_port: int = setting(kinds.PORT)  # absent: follows smtp_tls
    smtp_user: str = setting(kinds.TEXT, absent="")
    smtp_password: Secret | None = setting(kinds.PASSWORD)
    smtp_from: str = setting(kinds.ADDRESS)  # absent: imap_email
    attachments: Path | None = setting(kinds.FOLDER)  # absent: a folder beside the SQLite file

    escalation_hours: float = setting(kinds.HOURS, "48")
    escalation_followups: int = setting(kinds.FOLLOW_UPS, "3")
    escalation_keywords: tuple[str, ...] = setting(kinds.WORDS, "urgent,immediately,emergency,critical")
    escalate_quiet: bool = setting(kinds.BOOLEAN, "true")
    escalation_check_interval: float = setting(kinds.SECONDS, "300")
    undo_seconds: float = setting(kinds.PAUSE, "10")
    tell_customer_on_close: bool = setting(kinds.BOOLEAN, "false")
    auto_acknowledge: bool = setting(kinds.BOOLEAN, "false")

    host: str = setting(kinds.HOST_NAME, "127.0.0.1")
    port: int = setting(kinds.OWN_PORT, "8000")
    debug: bool = setting(kinds.BOOLEAN, "false")
    log_level: LogLevel = setting(kinds.LEVEL, "INFO")

    remarks: tuple[str, ...] = ()  # sentences for the log at start, such as that no inbox is read

    @property
    def slack_door(self) -> SlackDoor:
        """Whether Slack delivers events, and how."""
        if self.slack_app_token:
            return SlackDoor.SOCKET
        return SlackDoor.CONFIGURED if self.slack_signing_secret else SlackDoor.OFF

    @property
    def proxies(self) -> Proxies:
        """The proxies for requests to Slack."""
        return Proxies(http=self.http_proxy, https=self.https_proxy, none_for=self.no_proxy)

    @property
    def mail_door(self) -> bool:
        """Whether an inbox is read."""
        return bool(self.imap_server)

    @property
    def limits(self) -> Limits:
        """The limits for escalation and closing (design 3.4, 3.5)."""
        return Limits(
            silence=timedelta(hours=self.escalation_hours),
            follow_ups=self.escalation_followups,
            keywords=self.escalation_keywords,
            quiet=self.escalate_quiet,
            tell_customer=self.tell_customer_on_close,
            acknowledge=self.auto_acknowledge,
            can_mail=bool(self.smtp_server),
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that must be removed from the logs."""
        texts = [value.reveal() for item in fields(self) if isinstance(value := getattr(self, item.name), Secret)]
        urls = (self.database_url, self.https_proxy, self.http_proxy)
        passwords = [
            password for url in urls if url and (password := urlsplit(kinds.with_scheme(url.reveal())).password)
        ]
        return tuple(dict.fromkeys([*texts, *passwords, *map(unquote, passwords)]))


VARIABLES: dict[str, Field[Any]] = {item.name.upper(): item for item in fields(Settings) if item.metadata}
SECRETS = frozenset(name for name, item in VARIABLES.items() if item.metadata["kind"].secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsReport:
    """The settings as far as they can be read, and all problems with them."""

    settings: Settings  # wrong and missing variables have their defaults
    problems: tuple[str, ...]
    unusable: frozenset[str]  # variables that are wrong, or required and missing
    secret_files: Mapping[str, Path]  # files with secrets, by the variable that names them; and `.env`


def survey(environ: Mapping[str, str], directory: Path) -> SettingsReport:
    """Read `environ` and the `.env` in `directory`, without raising errors."""
    given = gather(environ, directory / ".env", names=frozenset(VARIABLES), secrets=SECRETS)
    problems = list(given.problems)
    unusable = set(given.unreadable)
    values: dict[str, Any] = {}
    for name, item in VARIABLES.items():
        try:
            values[item.name] = _value(item, given.texts.get(name, ""))
        except ValueError:
            values[item.name] = _value(item, "")
            problems.append(f"{name} must be {item.metadata['kind'].right}.")
            unusable.add(name)
        if item.metadata["required"] and name not in given.texts and name not in given.unreadable:
            problems.append(f"{name} is missing; it must be {item.metadata['kind'].right}.")
            unusable.add(name)
    present = frozenset(given.texts) | given.unreadable
    problems += rules.contradictions(given.texts, present)
    values["smtp_port"] = values["smtp_port"] or rules.SMTP_PORTS[values["smtp_tls"]]
    values["smtp_from"] = values["smtp_from"] or values["imap_email"]
    if "ATTACHMENTS" not in present:
        values["attachments"] = rules.folder_beside(values["database_url"].reveal())
        if values["attachments"] is None:
            problems.append(rules.HOMELESS_ATTACHMENTS)
            unusable.add("ATTACHMENTS")
    remarks = (*rules.remarks(values), *given.misspelt)
    return SettingsReport(
        settings=Settings(**values, remarks=remarks),
        problems=tuple(problems),
        unusable=frozenset(unusable),
        secret_files=given.secret_files,
    )


def read_settings(environ: Mapping[str, str], directory: Path) -> Settings:
    """Read `environ` and the `.env` in `directory`; the environment overrides it, and empty means not set.

    Raises SettingsError with every problem at once.
    """
    found = survey(environ, directory)
    if found.problems:
        raise SettingsError(found.problems)
    return found.settings


def survey_here() -> SettingsReport:
    """The settings of this process and their problems, from its environment and working directory."""
    return survey(os.environ, Path.cwd())


def read_settings_here() -> Settings:
    """The settings of this process, from its environment and working directory; raises SettingsError."""
    return read_settings(os.environ, Path.cwd())


def _value(item: Field[Any], given: str) -> Any:
    text = given or item.metadata["default"]
    return item.metadata["kind"].convert(text) if text else item.metadata["absent"]
