"""Checks the inbox: connection, login, folder, the mails to take, and Authentication-Results headers."""

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime

from bot.mail.authentication import MICROSOFT, authserv_id_of
from bot.mail.checks.connection import reached, unreachable
from bot.mail.imap.account import ImapAccount, LoginRefusedError
from bot.mail.imap.responses import Fetched
from bot.mail.imap.session import MailFolderError, MailServerError, Session
from bot.mail.imap.start import waiting_there, where_to_begin
from bot.mail.mime.headers import split_headers
from bot.reports.findings import Finding, Findings, failed, failed_by, ok, skipped, warning
from casebook.errors import CasebookError

_ANSWER_SECONDS = 10.0
_MOST_NAMED = 5  # mails described one by one
_NEWEST = 20  # mails whose Authentication-Results are read
_HEADER = "AUTHENTICATION-RESULTS"
_NO_SUCH_FOLDER = re.compile(r"NONEXISTENT|TRYCREATE|exist|no such|not found|unknown (?:mailbox|folder)", re.IGNORECASE)
_AGREEING = 0.8  # share of the newest mails; where fewer agree, senders may have written the topmost header


async def check_inbox(
    account: ImapAccount,
    *,
    authserv_id: str,
    admins_write: bool,
    kept: Callable[[], Awaitable[str | None]],
    now: datetime,
) -> Findings:
    """The connection, the login, the folder, and the mails in it.

    Mails are described by UID, date and size only, for privacy. `admins_write` is whether anybody is an admin by mail;
    `kept` returns the stored position in the folder, or raises CasebookError.
    """
    connection, offered = await _greet(account, now)
    yield connection
    if not offered:
        return
    try:
        session = await Session.open(account, answer_within=_ANSWER_SECONDS, heard=_ignore, read_only=True)
    except (LoginRefusedError, MailServerError) as error:
        yield _refused(account, error, offered)
        return
    try:
        yield ok("login", _login(account))
        yield _abilities(session, account)
        yield ok("folder", f"{account.folder} has {session.mails} mail{'' if session.mails == 1 else 's'}")
        yield await _mails_to_take(session, kept, now)
        if admins_write:
            yield await _authserv_id(session, authserv_id)
    except MailServerError as error:
        yield failed("folder", str(error), "Try again; if it stays, look at the mail server's log.")
    finally:
        session.abandon()


def _ignore() -> None:
    """A check reports no activity to the status."""


async def _greet(account: ImapAccount, now: datetime) -> tuple[Finding, frozenset[str]]:
    """Whether a connection can be opened, and the capabilities before the login; none where there is no IMAP."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            return await _offers(account, now)
    except (OSError, ValueError) as error:  # a timeout is an OSError, a line that is too long a ValueError
        return unreachable("imap", error, account.server, account.port, "IMAP_TLS"), frozenset()


async def _offers(account: ImapAccount, now: datetime) -> tuple[Finding, frozenset[str]]:
    reader, writer = await asyncio.open_connection(account.server, account.port, ssl=account.ssl_context())
    try:
        greeting = await reader.readline()
        if not greeting.startswith(b"* "):
            advice = "Correct IMAP_SERVER or IMAP_PORT."
            return failed("imap", f"{account.server}:{account.port} does not speak IMAP", advice), frozenset()
        writer.write(b"check CAPABILITY\r\n")
        words: list[str] = []
        while (line := await reader.readline()) and not line.startswith(b"check "):
            words += line.decode("ascii", "replace").upper().split()
        return reached("imap", account.server, account.port, writer.transport, now), frozenset(words)
    finally:
        writer.transport.abort()


def _login(account: ImapAccount) -> str:
    return f"{account.user} is logged in {'with a token' if account.token_command else 'with a password'}"


def _refused(account: ImapAccount, error: CasebookError, offered: frozenset[str]) -> Finding:
    if isinstance(error, MailFolderError):
        return _not_opened(error)
    if "LOGINDISABLED" in offered and not account.token_command:
        return failed("login", "the server takes no password on a line without encryption", "Set IMAP_TLS=true.")
    if account.token_command and "AUTH=XOAUTH2" not in offered:
        return failed("login", f"{error} It does not offer XOAUTH2.", "Use IMAP_PASSWORD, or another IMAP_SERVER.")
    finding = failed_by("login", error, ": ")
    if account.token_command or "AUTH=XOAUTH2" not in offered:
        return finding
    advice = f"{finding.advice} If the provider takes no passwords any more, set IMAP_TOKEN_COMMAND."
    return replace(finding, advice=advice)


def _not_opened(error: MailFolderError) -> Finding:
    is_unknown = not error.said or _NO_SUCH_FOLDER.search(error.said)
    advice = "Correct IMAP_FOLDER." if is_unknown else "Do what it asks for, or correct IMAP_FOLDER."
    return failed("folder", str(error), advice)


def _abilities(session: Session, account: ImapAccount) -> Finding:
    known = [word for word in ("IDLE", "UIDPLUS", "MOVE", "CONDSTORE") if word in session.capabilities]
    if session.can_idle:
        return ok("abilities", f"{', '.join(known)}: the server tells of new mail at once")
    return warning(
        "abilities",
        f"{', '.join(['no IDLE', *known])}: the bot looks for new mail every {account.poll_interval:g} s",
        "Shorten EMAIL_POLL_INTERVAL if that is too slow.",
    )


async def _mails_to_take(session: Session, kept: Callable[[], Awaitable[str | None]], now: datetime) -> Finding:
    """The mails that the bot would take if it started now."""
    what = "mails to take"
    try:
        position = await kept()
    except CasebookError:
        return skipped(what, "not known, since the book cannot be read")
    uids = await waiting_there(session, await where_to_begin(session, position, today=now.date()))
    newest = await session.sizes(uids[-_MOST_NAMED:]) if uids else []
    named = ", ".join(_described(mail) for mail in sorted(newest, key=lambda mail: -mail.uid))
    if position is None:
        found = f"on its first start the bot takes the {len(uids)} that nobody has opened yet"
    else:
        found = (
            f"{len(uids)} have come since the bot last looked" if uids else "none has come since the bot last looked"
        )
    if len(uids) > len(newest):
        named = f"the newest are {named}"
    return ok(what, f"{found}: {named}" if named else found)


def _described(mail: Fetched) -> str:
    when = f"{mail.received_at:%Y-%m-%d %H:%M} UTC, " if mail.received_at else ""
    return f"UID {mail.uid} ({when}{max(1, round(mail.size / 1000))} kB)"


async def _authserv_id(session: Session, authserv_id: str) -> Finding:
    """Whether our mail server writes Authentication-Results, and under which name."""
    # A large folder has too many UIDs: the newest are close to the next UID, unless many mails were deleted.
    first = max(1, session.next_uid - 10 * _NEWEST)
    uids = (await session.search("UID", f"{first}:*"))[-_NEWEST:]
    mails = await session.fields(uids, _HEADER) if uids else []
    return authserv_finding([split_headers(mail.raw)[0].first(_HEADER.lower()) for mail in mails], authserv_id)


def authserv_finding(topmost: list[str], authserv_id: str) -> Finding:
    """Compare MAIL_AUTHSERV_ID with the topmost Authentication-Results of some mails, empty where there is none."""
    what = "MAIL_AUTHSERV_ID"
    names = Counter(authserv_id_of(value) for value in topmost if value)
    of = f"of the newest {len(topmost)} mails"
    name, count = names.most_common(1)[0] if names else ("", 0)
    if not topmost:
        return skipped(what, "there is no mail in the folder to read it from")
    if authserv_id:
        ours = names[authserv_id.strip().lower()]
        if ours:
            return ok(what, f"{authserv_id} vouches for the senders of {ours} {of}")
        theirs = "the mailbox is on Microsoft 365" if name == MICROSOFT else f"{name} is your own mail server"
        advice = f"If {theirs}: MAIL_AUTHSERV_ID={name}" if name else "Ask who runs the server."
        return failed(what, f"{authserv_id} has written Authentication-Results into none {of}", advice)
    if not names:
        advice = "Let your mail server check senders, or believe the From address of whoever writes."
        return warning(what, f"there are no Authentication-Results in any {of}", advice)
    if count < _AGREEING * len(topmost):
        return warning(
            what,
            f"not set, and the servers at the top {of} do not agree: {', '.join(sorted(names))}",
            "Set it to the name of your own mail server, if that is one of them.",
        )
    found = "a result without a server's name, as Exchange Online writes it," if name == MICROSOFT else name
    return warning(what, f"not set; {found} stands at the top of {count} {of}", f"Add MAIL_AUTHSERV_ID={name}")
