"""What the team is asked, as things are at the moment when it is said; once it is decided, by whom and how."""

from collections.abc import Awaitable, Callable, Mapping

from bot.slack.office import Office
from bot.slack.screens import cards
from bot.slack.screens import claims as claim_screens
from bot.slack.screens.blocks import Gone, Said
from casebook import claims, queries
from casebook.outcomes import Item, NoticeKind
from casebook.views import CaseLine


async def _which_case(office: Office, item: Item) -> Said | Gone:
    found: list[CaseLine] = []
    for case_id in item.payload["candidates"]:
        line = await office.desk.do(queries.line, case_id)
        if line is not None:
            found.append(line)
    sender = str(item.payload["sender"])
    who = "you" if item.payload["user"] else sender
    return cards.question(int(item.target.partition(":")[2]), found, who)


async def _is_it_an_admins(office: Office, item: Item) -> Said | Gone:
    shown = await office.desk.do(claims.view, int(item.target.partition(":")[2]))
    if shown is None:
        return Gone("the mail is not in the book")
    decided = ""
    if item.payload:
        by = str(item.payload["by"])
        name = (await office.people.names([by]))[by]
        confirmed = bool(item.payload["confirmed"])
        decided = f"✓ Confirmed by {name}" if confirmed else f"Ignored by {name}: it stays without effect"
    return claim_screens.claim(shown, office.workspace_url, decided)


QUESTIONS: Mapping[NoticeKind, Callable[[Office, Item], Awaitable[Said | Gone]]] = {
    NoticeKind.ASK: _which_case,
    NoticeKind.CLAIM: _is_it_an_admins,
}
