"""The world of a run: both stand-ins, a database, the people with their workload, and the bots."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from fixtures.stage import Stage, set_stage
from tests.faults import inside, outside, verdict
from tests.faults.books import Book
from tests.faults.people import Crowd, gather
from tests.faults.processes.life import ROOT, Life, Nest
from tests.faults.processes.start import PACE, Order
from tests.faults.verdict import Fault
from tests.faults.workload import Workload

# Slack sends an event again at once, after one minute and after five; bots here live for a second or two.
RETRIES = (0.0, 1.0, 3.0)
RETRY_PATIENCE = 3.0
LEASE_SECONDS = 10.0
SILENCE_HOURS = 20 / 3600


@dataclass(slots=True, kw_only=True)
class World:
    """Everything that a run needs."""

    stage: Stage
    nest: Nest
    book: Book
    folder: Path
    random: Random
    crowd: Crowd
    work: Workload
    environment: dict[str, str]
    lives: list[Life] = field(default_factory=list)

    async def start_bot(
        self, crash: str = "", passage: int = 1, *, pace: float = PACE, watch: str = "", alone: bool = True
    ) -> Life:
        """Start a new bot on this world's database; does not wait until it runs."""
        order = Order(
            environment=self.environment,
            folder=str(self.folder),
            log=str(self.folder / f"bot-{len(self.lives)}.log"),
            crash=crash,
            passage=passage,
            pace=pace,
            lease=LEASE_SECONDS,
            alone=alone,
            watch=watch,
        )
        life = await self.nest.start_bot(order)
        self.lives.append(life)
        return life

    async def until(self, condition: Callable[[], bool], within: float) -> bool:
        """Wait until the condition holds, checked ten times a second; returns whether it does."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while not condition():
            if loop.time() > deadline:
                return False
            await asyncio.sleep(0.1)
        return True

    async def settle(self, within: float, *, until_said: bool = True) -> bool:
        """Wait until all inputs are stored and all notices are sent; returns whether they are.

        Waits at most `within` seconds without progress. Without `until_said` only the inputs are waited for.
        """
        loop = asyncio.get_running_loop()
        least, since, quiet = 1_000_000, loop.time(), 0
        while quiet < 3 and loop.time() < since + within:
            await self.stage.workspace.redeliver()
            await asyncio.sleep(0.5)
            still = self.not_taken() + await self._not_marked()
            if until_said:
                still += inside.waiting(self.book)
            quiet = quiet + 1 if still == 0 else 0
            if still < least:
                least, since = still, loop.time()
        return quiet >= 3

    def not_taken(self) -> int:
        """The number of inputs that are not deleted and have no row in the ledger."""
        known = {(source, name) for source, name in self.book.rows("SELECT source, external_id FROM ledger")}
        written = self.work.written.by_token.values()
        return sum((each.source, each.external_id) not in known for each in written if not each.deleted)

    async def _not_marked(self) -> int:
        """The number of mails that are not marked as read."""
        if self.stage.mailbox is None:
            return 0
        return sum("\\Seen" not in marks for marks in (await self.stage.mailbox.flags()).values())

    def ended_by_themselves(self) -> list[str]:
        """The logs of bots that ended without being killed or stopped."""
        return [life.order.log for life in self.lives if life.status not in (None, 0, -9)]

    async def check(self) -> tuple[list[Fault], outside.Outside]:
        """Compare both sides, and write the faults to the run's folder."""
        written = self.work.written.by_token
        seen, held = await outside.look(self.stage, written), inside.read(self.book)
        faults = verdict.find_faults(seen, held, written, self.crowd.alone)
        if faults:
            text = "\n".join(str(fault) for fault in faults)
            self.folder.joinpath("faults.txt").write_text(text + "\n", encoding="utf-8")
            texts = {token: [given.kind, given.external_id, given.text] for token, given in written.items()}
            self.folder.joinpath("written.json").write_text(json.dumps(texts, indent=0), encoding="utf-8")
        return faults, seen


@asynccontextmanager
async def made(
    book: Book, folder: Path, seed: int, *, mail: bool = True, on_slack: int = 60, by_mail: int = 30, **settings: str
) -> AsyncIterator[World]:
    """A world for one run in an existing folder; `settings` override the defaults."""
    random = Random(seed)
    usual = {
        "ESCALATION_HOURS": str(SILENCE_HOURS),
        "ESCALATION_CHECK_INTERVAL": "1",
        "UNDO_SECONDS": "0",
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),  # for the processes that a bot starts
    }
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(set_stage(mail=mail))
        stage.workspace.backend.socket.retries = RETRIES
        stage.workspace.backend.socket.ack_seconds = RETRY_PATIENCE
        nest = await stack.enter_async_context(Nest.open(folder / "nest.log"))
        crowd = gather(stage.workspace, random, on_slack=on_slack, by_mail=by_mail if mail else 0)
        environment = stage.environment(book.url, **(usual | settings))
        work = Workload(stage, crowd, random)
        yield World(
            stage=stage,
            nest=nest,
            book=book,
            folder=folder,
            random=random,
            crowd=crowd,
            work=work,
            environment=environment,
        )
