"""What the team is asked, as things are at the moment when it is said; once it is decided, by whom and how."""

from collections.abc import Awaitable, Callable, Mapping

from bot.slack.context.context import SlackContext
from bot.slack.context.people import UNHURRIED
from bot.slack.screens import cards
from bot.slack.screens import claims as claim_screens
from bot.slack.screens import doubtful as doubtful_screens
from bot.slack.screens import forwards as forward_screens
from bot.slack.screens.blocks import Gone, Post
from casebook import queries
from casebook.outbound import claims
from casebook.outcomes import Item, NoticeKind
from casebook.views import CaseLine


async def _which_case(context: SlackContext, item: Item) -> Post | Gone:
    sender = str(item.payload["sender"])
    who = "you" if item.payload["user"] else sender
    return cards.question(int(item.target.partition(":")[2]), await _lines(context, item), who)


async def _whose_mail(context: SlackContext, item: Item) -> Post | Gone:
    known = item.payload
    passed = forward_screens.Passed(
        ledger_id=int(item.target.partition(":")[2]),
        sender=str(known["sender"]),
        proven=bool(known["proven"]),
        author=str(known["author"]),
        author_name=str(known["name"]),
        subject=str(known["subject"]),
        preview=str(known["preview"]),
    )
    decided = await _decided(context, item)
    return forward_screens.forward(passed, () if decided else await _lines(context, item), decided)


async def _may_be_a_programs(context: SlackContext, item: Item) -> Post | Gone:
    known = item.payload
    mail = doubtful_screens.Doubtful(
        ledger_id=int(item.target.partition(":")[2]),
        sender=str(known["sender"]),
        sender_name=str(known["name"]),
        subject=str(known["subject"]),
        preview=str(known["preview"]),
        doubt=str(known["doubt"]),
    )
    return doubtful_screens.doubtful(mail, await _decided(context, item))


async def _decided(context: SlackContext, item: Item) -> str:
    """Who decided on a mail that waited, and how; empty while nobody has."""
    by, case_id = str(item.payload["by"]), str(item.payload["case"])
    if not by:
        return ""
    name = (await context.people.names([by], within=UNHURRIED))[by]
    return f"✓ {name} put it to {case_id}" if case_id else f"{name} left it out"


async def _lines(context: SlackContext, item: Item) -> list[CaseLine]:
    """The cases that a question names."""
    found = [await context.desk.do(queries.line, str(case_id)) for case_id in item.payload["candidates"]]
    return [line for line in found if line is not None]


async def _is_it_an_admins(context: SlackContext, item: Item) -> Post | Gone:
    shown = await context.desk.do(claims.view, int(item.target.partition(":")[2]))
    if shown is None:
        return Gone("the mail is not in the book")
    decided = ""
    if item.payload:
        by = str(item.payload["by"])
        name = (await context.people.names([by], within=UNHURRIED))[by]
        confirmed = bool(item.payload["confirmed"])
        decided = f"✓ Confirmed by {name}" if confirmed else f"Ignored by {name}: it stays without effect"
    return claim_screens.claim(shown, context.workspace_url, decided)


QUESTIONS: Mapping[NoticeKind, Callable[[SlackContext, Item], Awaitable[Post | Gone]]] = {
    NoticeKind.ASK: _which_case,
    NoticeKind.FORWARD: _whose_mail,
    NoticeKind.DOUBTFUL: _may_be_a_programs,
    NoticeKind.CLAIM: _is_it_an_admins,
}
