"""Renders the questions to the team from current data; once a question is decided, by whom and how."""

from collections.abc import Awaitable, Callable, Mapping

from bot.slack.context.context import SlackContext
from bot.slack.context.people import POST_NAMES_SECONDS
from bot.slack.delivery.posting import target_id
from bot.slack.screens import cards
from bot.slack.screens import claims as claim_screens
from bot.slack.screens import doubtful as doubtful_screens
from bot.slack.screens import forwards as forward_screens
from bot.slack.screens.blocks import NothingToPost, Post
from casebook import queries
from casebook.outbound import claims
from casebook.outcomes import Item, NoticeKind
from casebook.views import CaseLine


async def _which_case(context: SlackContext, item: Item) -> Post | NothingToPost:
    sender = str(item.payload["sender"])
    who = "you" if item.payload["user"] else sender
    return cards.case_question(target_id(item), await _lines(context, item), who)


async def _forwarded_mail(context: SlackContext, item: Item) -> Post | NothingToPost:
    payload = item.payload
    mail = forward_screens.ForwardedMail(
        ledger_id=target_id(item),
        sender=str(payload["sender"]),
        proven=bool(payload["proven"]),
        author=str(payload["author"]),
        author_name=str(payload["name"]),
        subject=str(payload["subject"]),
        preview=str(payload["preview"]),
    )
    decided = await _decided(context, item)
    return forward_screens.forward(mail, () if decided else await _lines(context, item), decided)


async def _doubtful_mail(context: SlackContext, item: Item) -> Post | NothingToPost:
    payload = item.payload
    mail = doubtful_screens.DoubtfulMail(
        ledger_id=target_id(item),
        sender=str(payload["sender"]),
        sender_name=str(payload["name"]),
        subject=str(payload["subject"]),
        preview=str(payload["preview"]),
        doubt=str(payload["doubt"]),
    )
    return doubtful_screens.doubtful(mail, await _decided(context, item))


async def _decided(context: SlackContext, item: Item) -> str:
    """Who decided about a waiting mail, and how; empty while nobody has."""
    by, case_id = str(item.payload["by"]), str(item.payload["case"])
    if not by:
        return ""
    name = (await context.people.names([by], within=POST_NAMES_SECONDS))[by]
    return f"✓ {name} put it to {case_id}" if case_id else f"{name} left it out"


async def _lines(context: SlackContext, item: Item) -> list[CaseLine]:
    """The existing cases among the candidates of a question."""
    found = [await context.desk.do(queries.line, str(case_id)) for case_id in item.payload["candidates"]]
    return [line for line in found if line is not None]


async def _claimed_mail(context: SlackContext, item: Item) -> Post | NothingToPost:
    claim = await context.desk.do(claims.view, target_id(item))
    if claim is None:
        return NothingToPost("the mail is not in the database")
    decided = ""
    if item.payload:
        by = str(item.payload["by"])
        name = (await context.people.names([by], within=POST_NAMES_SECONDS))[by]
        confirmed = bool(item.payload["confirmed"])
        decided = f"✓ Confirmed by {name}" if confirmed else f"Ignored by {name}: it stays without effect"
    return claim_screens.claim(claim, context.workspace_url, decided)


QUESTIONS: Mapping[NoticeKind, Callable[[SlackContext, Item], Awaitable[Post | NothingToPost]]] = {
    NoticeKind.ASK: _which_case,
    NoticeKind.FORWARD: _forwarded_mail,
    NoticeKind.DOUBTFUL: _doubtful_mail,
    NoticeKind.CLAIM: _claimed_mail,
}
