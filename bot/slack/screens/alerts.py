"""The posts of the alerts channel: one alert per episode, or one post that lists several; pure (design 3.6)."""

from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import Block

from bot.slack.screens import case_buttons, wording
from bot.slack.screens.blocks import Post, header, make_post, markup, moment, paragraph, small
from bot.slack.screens.reasons import reason_blocks
from bot.slack.screens.text import clip, escape
from casebook.views import EpisodeView

MAX_LISTED = 60  # cases in one post
LISTED_CHARACTERS = 150
LINES_PER_BLOCK = 5


def alert(episodes: Sequence[EpisodeView], names: Mapping[str, str], workspace_url: str) -> Post:
    """The alert of one episode, or one post that lists several."""
    if len(episodes) == 1:
        return _single(episodes[0], names, workspace_url)
    return _list(episodes, names)


def _single(episode: EpisodeView, names: Mapping[str, str], workspace_url: str) -> Post:
    line = episode.line
    reasons = "; ".join(reason.evidence for reason in episode.reasons)
    ended = _ending(episode, names)
    title = f"{line.case_id}: no longer escalated" if ended else f"{line.case_id} is escalated"
    blocks: list[Block] = [
        header(title),
        small(wording.customer(line), wording.about(line), markup(moment(episode.started_at))),
    ]
    blocks += reason_blocks(line.case_id, episode.reasons)
    blocks.append(small(ended or "Ends with an answer to the customer, when the case is closed, or with Calm."))
    if episode.card is not None:
        blocks.append(small(markup(f"<{permalink(workspace_url, *episode.card)}|The card of {line.case_id}>")))
    if not ended and line.status == "open":
        blocks.append(case_buttons.for_alert(line))
    return make_post(f"{title}: {escape(clip(ended or reasons, 500))}", blocks)


def _ending(episode: EpisodeView, names: Mapping[str, str]) -> str:
    """Who ended an episode, and how; empty while it continues."""
    if episode.ended_at is None:
        return ""
    by = names.get(episode.ended_by or "", episode.ended_by or "")
    return f"{by} {episode.ended_how} at {episode.ended_at:%Y-%m-%d %H:%M} UTC"


def _list(episodes: Sequence[EpisodeView], names: Mapping[str, str]) -> Post:
    lines = []
    for episode in episodes[:MAX_LISTED]:
        ended = _ending(episode, names)
        words = ended or "; ".join(reason.evidence for reason in episode.reasons)
        who = clip(wording.customer(episode.line), 60)
        mark = "✓ " if ended else ""
        lines.append(clip(f"{mark}{episode.line.case_id} · {who} · {words}", LISTED_CHARACTERS))
    title = f"{wording.count(len(episodes), 'case')} escalated at once"
    blocks: list[Block] = [header(title)]
    blocks += [
        paragraph("\n".join(lines[start : start + LINES_PER_BLOCK])) for start in range(0, len(lines), LINES_PER_BLOCK)
    ]
    if len(episodes) > MAX_LISTED:
        blocks.append(small(f"and {len(episodes) - MAX_LISTED} more: /case list escalated"))
    return make_post(f"{title}: " + ", ".join(episode.line.case_id for episode in episodes[:MAX_LISTED]), blocks)


def permalink(workspace_url: str, channel: str, ts: str) -> str:
    """The URL of a post; `workspace_url` is the `url` of auth.test."""
    return f"{workspace_url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"
