"""`casebook check`: checks everything that the bot depends on, at the same time; changes nothing."""

from collections.abc import Callable, Sequence
from contextlib import aclosing

import aiohttp

from bot.checkup.book import Book, check_book
from bot.checkup.machine import check_attachments, check_program, check_web_port
from bot.checkup.report import without_secrets
from bot.checkup.running import run_checks
from bot.checkup.settings import check_settings
from bot.clock import Clock
from bot.mail.checks.inbox import check_inbox
from bot.mail.checks.sending import check_sending
from bot.mail.imap.account import imap_account
from bot.reports.findings import Check, Finding, Findings, skipped
from bot.settings import Settings, SettingsReport
from bot.slack.checks.access import Access, check_access, check_app_token
from bot.slack.checks.admins import check_admins
from bot.slack.checks.channels import check_channels
from casebook.errors import DatabaseUrlError

SLACK_LOGIN = ("SLACK_BOT_TOKEN", "SLACK_API_URL")


async def check_up(
    survey: SettingsReport, clock: Clock, on_change: Callable[[Sequence[str]], None] = lambda _: None
) -> list[Finding]:
    """The findings of all checks, in the order of the areas, without secrets.

    `on_change` is called with the names of the checks that are still running, whenever one has ended.
    """
    book = Book(survey.settings.database_url.reveal(), clock)
    async with aiohttp.ClientSession() as session:
        checks = [
            *_of_this_machine(survey, session),
            *_of_slack(survey.settings, session, clock),
            *_of_mail(survey, book, clock),
            *_of_book(book),
        ]
        findings = await run_checks(checks, survey.unusable, on_change)
    return without_secrets(findings, survey.settings.secrets)


def _of_this_machine(survey: SettingsReport, session: aiohttp.ClientSession) -> list[Check]:
    settings = survey.settings
    return [
        Check(area="settings", name="settings", run=lambda: check_settings(survey)),
        Check(area="machine", name="program", run=check_program),
        Check(
            area="machine",
            name="web port",
            needs=("HOST", "PORT"),
            run=lambda: check_web_port(settings.host, settings.port, session),
        ),
        Check(
            area="machine",
            name="attachments",
            needs=("ATTACHMENTS",),
            run=lambda: check_attachments(settings.attachments),
        ),
    ]


def _of_slack(settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> list[Check]:
    access = Access(
        bot_token=settings.slack_bot_token.reveal() if settings.slack_bot_token else "",
        api_url=settings.slack_api_url,
        session=session,
        clock=clock,
        proxies=settings.proxies,
    )
    app_token = settings.slack_app_token.reveal() if settings.slack_app_token else ""
    return [
        Check(area="Slack", name="bot token", needs=SLACK_LOGIN, run=lambda: check_access(access)),
        Check(
            area="Slack",
            name="app token",
            needs=("SLACK_APP_TOKEN", "SLACK_API_URL"),
            run=lambda: check_app_token(access, app_token),
        ),
        # A malformed channel or admin is reported with the settings; the others are checked all the same.
        Check(
            area="Slack",
            name="channels",
            needs=SLACK_LOGIN,
            run=lambda: check_channels(access, settings),
            seconds=120,
        ),
        Check(area="Slack", name="admins", needs=SLACK_LOGIN, run=lambda: check_admins(access, settings), seconds=120),
    ]


def _of_mail(survey: SettingsReport, book: Book, clock: Clock) -> list[Check]:
    settings = survey.settings
    return [
        Check(
            area="mail",
            name="inbox",
            needs=("IMAP_SERVER", "IMAP_PORT", "IMAP_EMAIL", "IMAP_PASSWORD", "IMAP_TLS"),
            run=lambda: _inbox(survey, book, clock),
            seconds=60,
        ),
        Check(
            area="mail",
            name="smtp",
            needs=("SMTP_SERVER", "SMTP_PORT", "SMTP_TLS", "SMTP_PASSWORD"),
            run=lambda: check_sending(
                settings.smtp_server,
                settings.smtp_port,
                tls=settings.smtp_tls,
                user=settings.smtp_user,
                password=settings.smtp_password.reveal() if settings.smtp_password else "",
                sender=settings.smtp_from,
                now=clock.now(),
            ),
        ),
    ]


async def _inbox(survey: SettingsReport, book: Book, clock: Clock) -> Findings:
    settings = survey.settings
    account = imap_account(settings)
    if not settings.mail_door:
        yield skipped("inbox", "IMAP_SERVER is not set, so no mail is read")
        return
    if not account.address or not (account.password or account.token_command):
        yield skipped("inbox", "not tried, since the settings for it are not complete")
        return

    async def kept() -> str | None:
        if "DATABASE_URL" in survey.unusable:
            raise DatabaseUrlError
        return await book.kept(account.door)

    checking = check_inbox(
        account,
        authserv_id=settings.mail_authserv_id,
        admins_write=bool(settings.admin_emails),
        kept=kept,
        now=clock.now(),
    )
    async with aclosing(checking):
        async for finding in checking:
            yield finding


def _of_book(book: Book) -> list[Check]:
    return [Check(area="database", name="book", needs=("DATABASE_URL",), run=lambda: check_book(book))]
