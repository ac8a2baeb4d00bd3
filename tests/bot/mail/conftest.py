"""A stand-in mail server, a fresh database, and an inbox reader between them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.clock import Clock
from bot.desk import Desk
from bot.mail.imap.account import ImapAccount
from bot.mail.imap.fetcher import Reader
from bot.mail.imap.login_backoff import LoginBackoff
from bot.mail.inbox import Inbox
from bot.mail.incoming import MailRules
from bot.runtime.progress import Progress
from bot.status import Part
from casebook.models import LedgerRow, Message
from casebook.rules import Limits
from fixtures.cast import ANNA, INBOX
from fixtures.mailbox import Mailbox

RULES = MailRules(inbox_address=INBOX, admin_emails=frozenset({ANNA.email}))


@dataclass
class Listening:
    """A running inbox reader, and queries about what it stored."""

    box: Mailbox
    desk: Any
    part: Part
    clock: Clock
    inbox: Inbox | None = None
    wakes: list[int] = field(default_factory=list)
    counted: list[tuple[str, str]] = field(default_factory=list)

    async def ids(self) -> list[str]:
        """The Message-IDs of the stored messages, in order."""
        return await self.desk.do(lambda: [row.external_id for row in Message.select().order_by(Message.id)])

    async def outcomes(self) -> list[str]:
        """The outcomes in the ledger, in order."""
        return await self.desk.do(lambda: [str(row.outcome) for row in LedgerRow.select().order_by(LedgerRow.id)])

    async def until(self, question: Callable[[], Awaitable[bool]], patience: float = 10.0) -> None:
        """Wait until a condition on the database holds."""
        async with asyncio.timeout(patience):
            while not await question():  # noqa: ASYNC110 (the database has no event for changes)
                await asyncio.sleep(0.005)

    async def until_stored(self, count: int) -> None:
        """Wait until the database holds at least so many messages."""

        async def enough() -> bool:
            return len(await self.ids()) >= count

        await self.until(enough)


@pytest.fixture
async def desk(sqlite_url: str) -> AsyncIterator[Desk]:
    """The desk of a fresh database."""
    desk = Desk(sqlite_url)
    yield desk
    await desk.close()


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    """A mail server with one mailbox."""
    async with Mailbox.running() as box:
        yield box


@pytest.fixture
def account() -> Callable[..., ImapAccount]:
    """Builds the account for a mailbox; keyword arguments replace defaults."""

    def build(box: Mailbox, **changes: Any) -> ImapAccount:
        usual: dict[str, Any] = {
            "server": box.host,
            "port": box.imap_port,
            "address": box.user,
            "password": box.password,
            "tls": False,
            "poll_interval": 0.02,
        }
        return ImapAccount(**usual | changes)

    return build


@pytest.fixture
def listening(desk: Desk, account: Callable[..., ImapAccount]) -> Callable[..., Any]:
    """`async with listening(box) as at:` a running inbox reader with short time limits and retries."""

    @asynccontextmanager
    async def start(box: Mailbox, **changes: Any) -> AsyncIterator[Listening]:
        clock = Clock()
        at = Listening(
            box, changes.pop("desk", desk), Part("email", clock, up_word="running", down_word="stopped"), clock
        )
        read, again_after = changes.pop("read", None), changes.pop("again_after", 0.02)
        login = account(box, **changes)
        reader = Reader(
            login,
            RULES,
            desk=at.desk,
            clock=clock,
            limits=Limits(),
            part=at.part,
            on_stored=lambda: at.wakes.append(1),
            count=lambda source, outcome: at.counted.append((source, outcome)),
            progress=Progress(clock),
            read=read,
            again_after=again_after,
        )
        at.inbox = Inbox(login, reader, part=at.part, logins=LoginBackoff(clock, 0.05), answer_within=0.5, retry=0.02)
        task = asyncio.create_task(at.inbox.run())
        try:
            yield at
        finally:
            await at.inbox.stop()
            await task

    return start
