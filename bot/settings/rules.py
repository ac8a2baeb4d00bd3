"""Checks settings against each other, and collects remarks for the log."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.settings.kinds import SmtpTls
from casebook.database import sqlite_file

SMTP_PORTS = {SmtpTls.STARTTLS: 587, SmtpTls.IMPLICIT: 465, SmtpTls.PLAIN: 25}

_STAFF_CHANNELS = ("SUPPORT_SLACK_CHANNEL", "ALERTING_SLACK_CHANNEL", "LOGGING_SLACK_CHANNEL")
_MAIL_LOGINS = ("IMAP_PASSWORD", "IMAP_TOKEN_COMMAND")
_MAIL_DOOR = ("IMAP_SERVER", "IMAP_EMAIL", *_MAIL_LOGINS)
HOMELESS_ATTACHMENTS = (
    "ATTACHMENTS is missing, since the book is on PostgreSQL; it must be a folder that all processes share, or none."
)
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1", "[::1]"})


def contradictions(texts: Mapping[str, str], present: frozenset[str]) -> Iterator[str]:
    """Sentences about settings that contradict each other or are incomplete.

    `present` names every variable that was set, also those whose value could not be read.
    """
    yield from _half_mail_door(present)
    yield from _half_smtp(present)
    if not present & {"SLACK_APP_TOKEN", *_MAIL_DOOR}:
        shut = "SLACK_SIGNING_SECRET alone opens none yet; " if "SLACK_SIGNING_SECRET" in present else ""
        yield (
            f"No door is open: {shut}set SLACK_APP_TOKEN for Slack, "
            "or IMAP_SERVER, IMAP_EMAIL and IMAP_PASSWORD for mail."
        )
    customer_channels = {entry.strip() for entry in texts.get("CUSTOMER_SLACK_CHANNELS", "").split(",")}
    for name in _STAFF_CHANNELS:
        if texts.get(name) in customer_channels:
            yield (
                f"CUSTOMER_SLACK_CHANNELS must not hold {name}, "
                "since customers read everything that is said in their channels."
            )


def _half_mail_door(present: frozenset[str]) -> Iterator[str]:
    given = [name for name in _MAIL_DOOR if name in present]
    if not given:
        return
    for name in ("IMAP_SERVER", "IMAP_EMAIL"):
        if name not in present:
            yield f"{name} is missing, since {given[0]} is set; the mail door needs both or neither."
    logins = [name for name in _MAIL_LOGINS if name in present]
    if not logins:
        yield f"IMAP_PASSWORD is missing, since {given[0]} is set; mail needs it or IMAP_TOKEN_COMMAND."
    elif len(logins) > 1:
        yield "IMAP_PASSWORD and IMAP_TOKEN_COMMAND are both set; keep one of them."


def _half_smtp(present: frozenset[str]) -> Iterator[str]:
    if "SMTP_SERVER" in present and not present & {"SMTP_FROM", "IMAP_EMAIL"}:
        yield "SMTP_FROM is missing, since SMTP_SERVER is set and there is no IMAP_EMAIL to send from."
    for name, other in (("SMTP_USER", "SMTP_PASSWORD"), ("SMTP_PASSWORD", "SMTP_USER")):
        if name in present and other not in present:
            yield f"{other} is missing, since {name} is set; logging in needs both."
    if "SMTP_SERVER" not in present and present & {"SMTP_USER", "SMTP_PASSWORD"}:
        yield "SMTP_SERVER is missing, since a login for it is set."


def folder_beside(database_url: str) -> Path | None:
    """The default folder for attachments: `casebook-attachments` beside `casebook.db`; None on PostgreSQL."""
    file = sqlite_file(database_url)
    return file and file.with_name(f"{file.stem}-attachments")


def remarks(values: Mapping[str, Any]) -> Iterator[str]:
    """Sentences for the log at start about valid settings with effects that may surprise."""
    mail_door = bool(values["imap_server"])
    if not values["slack_app_token"]:
        yield "The Slack door stays shut: SLACK_APP_TOKEN is not set, so nothing written in Slack is read."
    if not mail_door:
        yield "The mail door stays shut: IMAP_SERVER is not set, so no mail is read."
    if mail_door and not values["mail_authserv_id"]:
        yield (
            "MAIL_AUTHSERV_ID is not set: the From address of a mail is believed unless our mail server says "
            "dmarc=fail, so set it to the name that server writes in Authentication-Results."
        )
    if not any(values[name] for name in ("admin_emails", "admin_slack_ids", "admin_slack_usergroup")):
        yield (
            "Nobody is an admin, so nobody can answer or close a case: set ADMIN_EMAILS, ADMIN_SLACK_IDS or "
            "ADMIN_SLACK_USERGROUP."
        )
    if values["imap_server"] not in _LOCAL_HOSTS | {""} and not values["imap_tls"]:
        yield "IMAP_TLS is false: mail and the inbox's password cross the network readable by anybody."
    yield from _about_sending(values, mail_door=mail_door)
    yield from _without_effect(values)


def _about_sending(values: Mapping[str, Any], *, mail_door: bool) -> Iterator[str]:
    """Remarks about outgoing mail."""
    if mail_door and not values["smtp_server"]:
        yield "SMTP_SERVER is not set, so no mail is sent: customers who write by mail are answered from mail programs."
        for name in ("tell_customer_on_close", "auto_acknowledge"):
            if values[name]:
                yield f"{name.upper()} is true, and without SMTP_SERVER only customers in Slack are told."
    if values["smtp_server"] not in _LOCAL_HOSTS | {""} and values["smtp_tls"] is SmtpTls.PLAIN:
        yield "SMTP_TLS is false: our mail and its password cross the network readable by anybody."


def _without_effect(values: Mapping[str, Any]) -> Iterator[str]:
    """Remarks about settings that have no effect yet."""
    if values["slack_signing_secret"]:
        yield "SLACK_SIGNING_SECRET is set, but events over HTTP are not taken yet: it opens no door."
