"""The command `casebook reconcile`: compares Slack and the mail server with the ledger."""

import asyncio
from argparse import ArgumentParser, ArgumentTypeError, Namespace

import aiohttp

from bot.clock import Clock
from bot.desk import Desk
from bot.files.store import Store
from bot.mail.checks.reconcile import MailComparison
from bot.mail.imap.account import imap_account
from bot.mail.imap.fetcher import Reader
from bot.mail.incoming import mail_rules
from bot.mail.worker.process import ParserProcess
from bot.reports.reconciliation import Comparison, DoorReport
from bot.runtime.progress import Progress
from bot.settings import Settings, SlackDoor
from bot.shell.command import with_book, with_json
from bot.shell.differences import as_json, as_lines, status_of
from bot.slack.catchup.reconcile import SlackComparison
from bot.slack.startup import open_context, web_client
from bot.status import Part
from casebook.errors import CasebookError, DatabaseUnavailableError


def with_options(parser: ArgumentParser) -> None:
    """Add the options `--mend`, `--days` and `--json`."""
    parser.add_argument("--mend", action="store_true", help="take in what is missing, and say what became of each")
    parser.add_argument("--days", type=_days, metavar="N", help="only what the last N days brought; else everything")
    with_json(parser)


def _days(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) <= 36_500:
        raise ArgumentTypeError(f"{text} is no number of days")
    return int(text)


@with_book
def reconcile(arguments: Namespace, settings: Settings) -> int:
    """Ask Slack and the mail server what they hold, and say what the ledger lacks."""
    reports = asyncio.run(_compare(settings, mend=arguments.mend, days=arguments.days))
    print(as_json(reports) if arguments.json else as_lines(reports))
    return status_of(reports)


async def _compare(settings: Settings, *, mend: bool, days: int | None) -> list[DoorReport]:
    """Compare both doors, one after the other; an error of one does not affect the other."""
    desk = Desk(settings.database_url.reveal())
    comparisons = _Comparisons(settings, desk, mend=mend, days=days)
    try:
        return [await comparisons.slack(), await comparisons.mail()]
    finally:
        await desk.close()


class _Comparisons:
    """Builds and runs the comparison of each door."""

    def __init__(self, settings: Settings, desk: Desk, *, mend: bool, days: int | None) -> None:
        self._settings = settings
        self._desk = desk
        self._mend = mend
        self._days = days
        self._clock = Clock()
        self._progress = Progress.on_standard_error(self._clock)

    async def slack(self) -> DoorReport:
        if self._settings.slack_door is not SlackDoor.SOCKET:
            return _shut("Slack", "SLACK_APP_TOKEN")
        async with aiohttp.ClientSession() as session:
            try:
                context = await open_context(
                    self._settings,
                    web_client(self._settings, session, self._clock),
                    desk=self._desk,
                    clock=self._clock,
                    wake=lambda: None,  # a running bot polls its outbox by itself
                    count=lambda _source, _outcome: None,
                    store=Store(self._settings.attachments) if self._settings.attachments else None,
                )
            except CasebookError as error:
                return DoorReport(door="Slack", error=str(error), permanent=error.permanent)
            return await self._run(SlackComparison(context, clock=self._clock, progress=self._progress))

    async def mail(self) -> DoorReport:
        if not self._settings.mail_door:
            return _shut("mail", "IMAP_SERVER")
        settings, account, rules = self._settings, imap_account(self._settings), mail_rules(self._settings)
        store = Store(settings.attachments) if settings.attachments else None
        if store is not None and self._mend:
            store.open()
        parser = ParserProcess()
        reader = Reader(
            account,
            rules,
            desk=self._desk,
            clock=self._clock,
            limits=settings.limits,
            part=Part("email_listener", self._clock, up_word="running", down_word="stopped"),  # its status is not used
            on_stored=lambda: None,
            count=lambda _source, _outcome: None,
            progress=self._progress,
            store=store,
            read=parser.read,
        )
        comparison = MailComparison(
            account, rules, reader, parser.read, desk=self._desk, clock=self._clock, progress=self._progress
        )
        try:
            return await self._run(comparison)
        finally:
            await parser.end()

    async def _run(self, comparison: Comparison) -> DoorReport:
        try:
            return await comparison.run(mend=self._mend, days=self._days)
        except DatabaseUnavailableError:
            raise
        except CasebookError as error:
            return comparison.tally.report(error)


def _shut(door: str, variable: str) -> DoorReport:
    return DoorReport(door=door, notes=(f"This door is shut, since {variable} is not set.",))
