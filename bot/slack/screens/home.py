"""The screens of the Home tab: an admin's, a customer's, and a refusal for others; pure (design 3.9)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from slack_sdk.models.blocks import Block, ButtonElement

from bot.slack.screens import case_buttons, command_answers, wording
from bot.slack.screens.blocks import button, buttons, divider, header, paragraph, small
from casebook.views import CaseLine, CasePage, Filter, Overview

CASES_PER_PAGE = 10
FILTER, PAGE = "home_filter", "home_page"
FIRST_PAGE = "all:1"
_FILTERS = (Filter.ALL, Filter.MINE, Filter.UNASSIGNED, Filter.ESCALATED)


def team_view(
    shown: Overview, page: CasePage, which: Filter, *, names: Mapping[str, str], now: datetime, result: str = ""
) -> dict[str, Any]:
    """The Home tab of an admin; `result` describes the result of their last button."""
    blocks: list[Block] = [header("Open cases")]
    if result:
        blocks.append(paragraph(result))
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
    return _view(blocks, page=f"{which.value}:{page.page}")


def _filter_button(each: Filter, which: Filter) -> ButtonElement:
    style = "primary" if each is which else None
    return button(each.value.capitalize(), f"{FILTER}:{each.value}", f"{each.value}:1", style=style)


def _case(line: CaseLine, names: Mapping[str, str], now: datetime) -> tuple[Block, Block]:
    return (
        paragraph(command_answers.case_line(line, names, now), characters=1000),
        case_buttons.for_card(line),
    )


def _pager(page: CasePage, which: Filter) -> list[Block]:
    steps = []
    if page.page > 1:
        steps.append(button("Previous", f"{PAGE}:previous", f"{which.value}:{page.page - 1}"))
    if page.page < page.pages:
        steps.append(button("Next", f"{PAGE}:next", f"{which.value}:{page.page + 1}"))
    return [small(f"Page {page.page} of {page.pages}"), buttons(*steps)]


def customer_view(line: CaseLine | None, result: str = "") -> dict[str, Any]:
    """The Home tab of a customer: their own open case, and how to reach support."""
    blocks: list[Block] = [header("Your case")]
    if result:
        blocks.append(paragraph(result))
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


def refusal_view(text: str) -> dict[str, Any]:
    """The Home tab of somebody who may use neither."""
    return _view([paragraph(text)])


def _view(blocks: list[Block], page: str = FIRST_PAGE) -> dict[str, Any]:
    """`page` (filter:number) comes back with every button, so that the same page is shown after it."""
    return {"type": "home", "private_metadata": page, "blocks": [block.to_dict() for block in blocks]}


def read_filter_and_page(value: str) -> tuple[Filter, int]:
    """The filter and page number in the value of a button; raises ValueError for anything else."""
    name, _, page = value.partition(":")
    return Filter(name), int(page)
