"""The reasons of an escalation, a paragraph each, and never more than a post holds; pure."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.slack.screens import wording
from bot.slack.screens.blocks import paragraph, small
from casebook.rules import Reason

SHOWN_AT_MOST = 8  # a customer who finds ever new urgent words adds a reason with each
REASON_CHARACTERS = 500


def reasons(case_id: str, found: Sequence[Reason]) -> list[Block]:
    """The first reasons with their evidence, and how many more there are."""
    blocks: list[Block] = [
        paragraph(wording.reason(reason), characters=REASON_CHARACTERS) for reason in found[:SHOWN_AT_MOST]
    ]
    if len(found) > SHOWN_AT_MOST:
        blocks.append(small(f"and {len(found) - SHOWN_AT_MOST} more: /case why {case_id}"))
    return blocks
