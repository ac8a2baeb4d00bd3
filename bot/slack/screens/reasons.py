"""The reasons of an escalation, one paragraph each, and no more than fit into a post; pure."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.slack.screens import wording
from bot.slack.screens.blocks import paragraph, small
from casebook.rules import Reason

MAX_SHOWN = 8  # a customer can add a reason with every new urgent word
REASON_CHARACTERS = 500


def reason_blocks(case_id: str, found: Sequence[Reason]) -> list[Block]:
    """The first reasons with their evidence, and the number of further ones."""
    blocks: list[Block] = [
        paragraph(wording.reason(reason), characters=REASON_CHARACTERS) for reason in found[:MAX_SHOWN]
    ]
    if len(found) > MAX_SHOWN:
        blocks.append(small(f"and {len(found) - MAX_SHOWN} more: /case why {case_id}"))
    return blocks
