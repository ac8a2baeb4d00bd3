"""Two Casebooks whose inboxes write to each other exchange a few mails and then stop."""

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from shutil import copy

import pytest

from bot.mail.parse import read_mail
from fixtures.cast import ANNA, INBOX, SUPPORT
from fixtures.stage import Stage, set_stage
from tests.faults.processes.pushed_clock import AT_ONCE
from tests.stories.conftest import Play, Program

THEIRS = "help@desk.example.net"
_numbers = count()
POLITE = {"AUTO_ACKNOWLEDGE": "true", "TELL_CUSTOMER_ON_CLOSE": "true", "UNDO_SECONDS": "0"}

# A careless relay removes the headers that mark a mail as automatic or as a reply.
_TELLING = re.compile(
    rb"^(?:Auto-Submitted|X-Auto-Response-Suppress|In-Reply-To|References):.*\r\n(?:[ \t].*\r\n)*", re.MULTILINE
)


def as_it_is(raw: bytes) -> bytes:
    return raw


def carelessly(raw: bytes) -> bytes:
    return _TELLING.sub(b"", raw)


@dataclass
class Desk:
    """One help desk: its stand-ins, its database, and its bot in a separate process."""

    play: Play
    program: Program

    @property
    def sent(self) -> int:
        """The number of mails that it has sent to the other."""
        return sum(bool({INBOX, THEIRS} & set(mail.recipients)) for mail in self.play.stage.mailbox.sent)

    async def has_done_all(self, number: int) -> None:
        """A new customer writes and gets an acknowledgement, so earlier mail has been read and sent."""
        sender = f"customer{number}@elsewhere.example.com"
        await self.play.mail("Hello", sender=sender)
        box = self.play.stage.mailbox
        await box.until(lambda: any(mail.recipients == (sender,) for mail in box.sent))
        await box.until(lambda: self.is_still)

    @property
    def is_still(self) -> bool:
        """Whether nothing remains to be sent or read."""
        ((waiting,),) = self.play.read("SELECT count(*) FROM notices WHERE lane = 'mail' AND state = 'pending'")
        ((read,),) = self.play.read("SELECT count(*) FROM ledger WHERE source = 'email'")
        return waiting == 0 and read == self.play.stage.mailbox.delivered


@pytest.fixture
async def stages() -> AsyncIterator[tuple[Stage, Stage]]:
    """Two stages, each with its own inbox."""
    async with set_stage() as ours, set_stage(inbox=THEIRS) as theirs:
        yield ours, theirs


@pytest.fixture
async def desks(stages, program, migrated_file, tmp_path):
    """Starts both bots; mail from one to the other is delivered, changed by `through`."""

    async def start(through) -> list[Desk]:
        started = []
        for number, stage in enumerate(stages):
            stage.mailbox.route(stages[1 - number].mailbox, through)
            url = f"sqlite:///{copy(migrated_file, tmp_path / f'casebook{number}.db')}"
            bot = await program(stage.environment(url, **POLITE), module="tests.faults.processes.pushed_clock")
            started.append(Desk(Play(stage, url, tmp_path), bot))
        await asyncio.gather(*[desk.program.says("mail connected") for desk in started])
        return started

    return start


async def a_minute_passes(desks: list[Desk]) -> None:
    """Advances the time in steps; after each one, all due mail is sent and all new mail is read."""
    for _ in range(60 // int(AT_ONCE.total_seconds())):
        for desk in desks:
            desk.program.process.send_signal(signal.SIGUSR1)
        for desk in desks:
            await desk.has_done_all(next(_numbers))


@pytest.mark.parametrize(
    ("through", "answers_of_theirs"), [(as_it_is, 0), (carelessly, 1)], ids=["as it is", "carelessly relayed"]
)
async def test_two_help_desks_that_acknowledge_mail_do_not_loop(desks, through, answers_of_theirs):
    ours, theirs = both = await desks(through)

    await ours.play.mail("Do you still need the old interface?", sender=THEIRS)
    (card,) = await ours.play.until(lambda: ours.play.slack.messages(SUPPORT), "a card")
    await ours.play.stage.mailbox.until(lambda: ours.sent == 1)
    await a_minute_passes(both)
    acknowledged = (ours.sent, theirs.sent)

    await ours.play.slack.write(ANNA, SUPPORT, "reply: No. I'm closing this case.", thread_ts=card.ts)
    await ours.play.stage.mailbox.until(lambda: ours.sent == 3)
    await a_minute_passes(both)
    closed = (ours.sent, theirs.sent)
    await a_minute_passes(both)

    assert acknowledged == (1, answers_of_theirs), "one acknowledgement each at most"
    assert closed == (3, 1), "the answer, the sentence that the case is closed, and their acknowledgement"
    assert (ours.sent, theirs.sent) == closed, "silence"
    first = read_mail(ours.play.stage.mailbox.sent[0].raw)
    assert (first.from_addr, first.automatic) == (INBOX, "automatic reply")
