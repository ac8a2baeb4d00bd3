"""What the alerts channel shows: one alert per episode, or one post that lists many; pure (design 3.6)."""

from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import Block

from bot.slack.screens import case_buttons, wording
from bot.slack.screens.blocks import Post, header, markup, moment, paragraph, said, small
from bot.slack.screens.reasons import reasons as reasons_of
from bot.slack.screens.text import clip, escape
from casebook.views import EpisodeView

LISTED_AT_MOST = 60  # cases in one post
LISTED_CHARACTERS = 150
LINES_A_BLOCK = 5


def alert(episodes: Sequence[EpisodeView], names: Mapping[str, str], workspace_url: str) -> Post:
    """The alert of one episode, or the one post that lists several."""
    if len(episodes) == 1:
        return _single_alert(episodes[0], names, workspace_url)
    return _listed_alert(episodes, names)


def _single_alert(episode: EpisodeView, names: Mapping[str, str], workspace_url: str) -> Post:
    line = episode.line
    reasons = "; ".join(reason.evidence for reason in episode.reasons)
    ended = _ending(episode, names)
    title = f"{line.case_id}: no longer escalated" if ended else f"{line.case_id} is escalated"
    blocks: list[Block] = [
        header(title),
        small(wording.customer(line), wording.about(line), markup(moment(episode.started_at))),
    ]
    blocks += reasons_of(line.case_id, episode.reasons)
    blocks.append(small(ended or "Ends with an answer to the customer, when the case is closed, or with Calm."))
    if episode.card is not None:
        blocks.append(small(markup(f"<{permalink(workspace_url, *episode.card)}|The card of {line.case_id}>")))
    if not ended and line.status == "open":
        blocks.append(case_buttons.for_alert(line))
    return said(f"{title}: {escape(clip(ended or reasons, 500))}", blocks)


def _ending(episode: EpisodeView, names: Mapping[str, str]) -> str:
    """Who ended an episode, and how; empty while it goes on."""
    if episode.ended_at is None:
        return ""
    by = names.get(episode.ended_by or "", episode.ended_by or "")
    return f"{by} {episode.ended_how} at {episode.ended_at:%Y-%m-%d %H:%M} UTC"


def _listed_alert(episodes: Sequence[EpisodeView], names: Mapping[str, str]) -> Post:
    lines = []
    for episode in episodes[:LISTED_AT_MOST]:
        ended = _ending(episode, names)
        words = ended or "; ".join(reason.evidence for reason in episode.reasons)
        who = clip(wording.customer(episode.line), 60)
        mark = "✓ " if ended else ""
        lines.append(clip(f"{mark}{episode.line.case_id} · {who} · {words}", LISTED_CHARACTERS))
    title = f"{wording.count(len(episodes), 'case')} escalated at once"
    blocks: list[Block] = [header(title)]
    blocks += [
        paragraph("\n".join(lines[start : start + LINES_A_BLOCK])) for start in range(0, len(lines), LINES_A_BLOCK)
    ]
    if len(episodes) > LISTED_AT_MOST:
        blocks.append(small(f"and {len(episodes) - LISTED_AT_MOST} more: /case list escalated"))
    return said(f"{title}: " + ", ".join(episode.line.case_id for episode in episodes[:LISTED_AT_MOST]), blocks)


def permalink(workspace_url: str, channel: str, ts: str) -> str:
    """The address of a post: the workspace's, as auth.test gives it, with channel and ts."""
    return f"{workspace_url.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}"
