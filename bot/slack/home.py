"""The App Home tab: for an admin the open cases in the order of need, for a customer their own (design 3.9)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import Block

from bot.slack import wording
from bot.slack.gate import admit
from bot.slack.office import Office
from bot.slack.permissions import Act
from bot.slack.screens import command_answers
from bot.slack.screens.blocks import button, buttons, divider, header, paragraph, small
from bot.slack.screens.cards import CLOSE
from casebook import figures, queries
from casebook.views import CaseLine, CasePage, Filter, Overview

CASES_A_PAGE = 10
FILTER, PAGE = "home_filter", "home_page"
_FILTERS = (Filter.ALL, Filter.MINE, Filter.UNASSIGNED, Filter.ESCALATED)


def team_view(
    shown: Overview, page: CasePage, which: Filter, *, names: Mapping[str, str], now: datetime, said: str = ""
) -> dict[str, Any]:
    """The Home of an admin; `said` tells what their last button did."""
    blocks: list[Block] = [header("Open cases")]
    if said:
        blocks.append(paragraph(said))
    blocks.append(
        small(
            f"{shown.open} open",
            f"{shown.escalated} escalated",
            f"{shown.waiting} waiting for us",
            f"{shown.unassigned} unassigned",
        )
    )
    blocks.append(buttons(*(_filter_button(each, which) for each in _FILTERS)))
    for line in page.lines:
        blocks += [divider(), *_case(line, names, now)]
    if not page.lines:
        blocks.append(paragraph("Nothing here."))
    if page.pages > 1:
        blocks += [divider(), *_pager(page, which)]
    return _view(blocks)


def _filter_button(each: Filter, which: Filter) -> Any:
    style = "primary" if each is which else None
    return button(each.value.capitalize(), f"{FILTER}:{each.value}", f"{each.value}:1", style=style)


def _case(line: CaseLine, names: Mapping[str, str], now: datetime) -> tuple[Block, Block]:
    return (
        paragraph(command_answers.case_line(line, names, now), characters=1000),
        buttons(button("Close", CLOSE, line.case_id)),
    )


def _pager(page: CasePage, which: Filter) -> list[Block]:
    steps = []
    if page.page > 1:
        steps.append(button("Previous", f"{PAGE}:previous", f"{which.value}:{page.page - 1}"))
    if page.page < page.pages:
        steps.append(button("Next", f"{PAGE}:next", f"{which.value}:{page.page + 1}"))
    return [small(f"Page {page.page} of {page.pages}"), buttons(*steps)]


def customer_view(line: CaseLine | None, said: str = "") -> dict[str, Any]:
    """The Home of a customer: their own open case, and how to reach support."""
    blocks: list[Block] = [header("Your case")]
    if said:
        blocks.append(paragraph(said))
    if line is None:
        blocks.append(paragraph("You have no open case."))
    else:
        blocks += [
            paragraph(
                f"{line.case_id} · {wording.count(line.message_count, 'message')}\n{wording.about(line)}",
                characters=1000,
            ),
        ]
    blocks.append(
        small("To reach support, write in the channel that you share with us, or a direct message to this app.")
    )
    return _view(blocks)


def stranger_view(text: str) -> dict[str, Any]:
    """The Home of somebody who has none."""
    return _view([paragraph(text)])


def _view(blocks: list[Block]) -> dict[str, Any]:
    return {"type": "home", "blocks": [block.to_dict() for block in blocks]}


async def publish(office: Office, user_id: str, *, which: Filter = Filter.ALL, page: int = 1, said: str = "") -> None:
    """Show somebody their Home as it is now."""
    view = await _view_for(office, user_id, which=which, page=page, said=said)
    await office.client.views_publish(user_id=user_id, view=view)


async def _view_for(office: Office, user_id: str, *, which: Filter, page: int, said: str) -> dict[str, Any]:
    admission = await admit(office, user_id, Act.HOME, Act.OWN_HOME, what="the Home tab")
    now = office.clock.now()
    if admission.act is None:
        return stranger_view(admission.refusal)
    if admission.act is Act.OWN_HOME:
        return customer_view(await office.desk.do(queries.line_of, user_id), said)
    shown = await office.desk.do(figures.overview)
    cases = await office.desk.do(queries.open_cases, which, person=user_id, page=page, size=CASES_A_PAGE)
    names = await office.people.names(line.assigned_to for line in cases.lines)
    return team_view(shown, cases, which, names=names, now=now, said=said)


def read_step(value: str) -> tuple[Filter, int]:
    """The filter and page that a button of the Home asks for; raises ValueError for anything else."""
    name, _, page = value.partition(":")
    return Filter(name), int(page)
