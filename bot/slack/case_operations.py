"""The operations that admins carry out on Slack, shared by buttons, commands, forms and shortcuts (design 3.8)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.slack.context.context import SlackContext
from bot.slack.context.permissions import Act
from casebook import cases
from casebook.incoming import Incoming, Source, Standing
from casebook.outbound import replies
from casebook.records.case_ids import number_of
from casebook.rules import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What an admin asks for: the arguments of an operation."""

    target: str  # the ID of a case, or the number of a message or a ledger row
    by: str  # the admin's user ID
    now: datetime
    limits: Limits
    reason: str = ""
    word: str = ""  # to the customer, on closing

    @property
    def number(self) -> int:
        """The target as the number of a message or a ledger row."""
        return int(self.target)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the casebook: the permission that it needs, the call, and the sentence that answers."""

    act: Act
    run: Callable[[Request], object]
    answer: str  # `{0}` is what `run` returns
    takes_reason: bool = False

    async def carry_out(self, context: SlackContext, target: str, *, by: str, reason: str = "", word: str = "") -> str:
        """Run the operation, and return its answer; raises the CasebookError that the operation raises."""
        now, limits = context.clock.now(), context.limits
        request = Request(target=target, by=by, now=now, limits=limits, reason=reason, word=word)
        return self.answer.format(await context.desk.do(self.run, request))


TAKE = Operation(
    Act.TAKE, lambda it: cases.assign_case(it.target, to=it.by, by=it.by, now=it.now), "{0.case_id} is yours."
)
CLOSE = Operation(
    Act.CLOSE,
    lambda it: cases.close_case(it.target, by=it.by, now=it.now, limits=it.limits, reason=it.reason, word=it.word),
    "{0.case_id} is closed.",
    takes_reason=True,
)
REOPEN = Operation(
    Act.REOPEN, lambda it: cases.reopen_case(it.target, by=it.by, now=it.now), "{0.case_id} is open again."
)
ESCALATE = Operation(
    Act.ESCALATE,
    lambda it: cases.escalate_case(it.target, by=it.by, now=it.now, reason=it.reason),
    "{0.case_id} is escalated.",
    takes_reason=True,
)
CALM = Operation(Act.CALM, lambda it: cases.calm_case(it.target, by=it.by, now=it.now), "{0.case_id} is calm again.")


def admin_text(context: SlackContext, user: str, name: str, *, key: str, text: str, case_id: str) -> Incoming:
    """What an admin typed into a form or command about a case, as their message; `key` makes it unique."""
    return Incoming(
        source=Source.SLACK,
        external_id=f"{context.home_team}:{key}",
        sender=user,
        sender_name=name,
        standing=Standing.NOTE,
        timestamp=context.clock.now(),
        body=text,
        new_text=text,
        cases_named=(number_of(case_id),),
    )


async def keep_note(context: SlackContext, note: Incoming) -> str:
    """Store a note with its case, and return the sentence that answers."""
    received = await context.desk.do(cases.receive, note, now=context.clock.now(), limits=context.limits)
    closed = ", and the case is closed" if received.closed else ""
    return f"Your note is kept with {received.case_id}{closed}."


async def draft_reply(context: SlackContext, reply: Incoming, *, to: str = "", seen: int | None = None) -> str:
    """Draft a reply to the customer, and return the sentence that answers; `to` and `seen` as in `replies.draft`."""
    now, undo = context.clock.now(), context.undo
    received = await context.desk.do(replies.draft, reply, now=now, undo=undo, limits=context.limits, to=to, seen=seen)
    return f"Your answer is on its way; it stands under the card of {received.case_id}, with Undo."


async def place(context: SlackContext, ledger_id: int, case_id: str, *, by: str) -> str:
    """Put a message that waits for a decision into a case, and return the sentence that answers."""
    now, limits = context.clock.now(), context.limits
    placed = await context.desk.do(cases.place_waiting, ledger_id, case_id, by=by, now=now, limits=limits)
    return f"It is now part of {case_id}." if placed else "That message has been placed already."
