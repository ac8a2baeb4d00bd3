"""What the support and alerts channels show: cards, the messages under them, alerts; pure (design 3.6)."""

from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import Block

from bot.slack import wording
from bot.slack.screens.blocks import Part, Said, button, buttons, header, markup, moment, paragraph, said, small
from bot.slack.screens.text import clip, escape
from casebook.rules import Reason
from casebook.views import CaseCard, CaseLine, EpisodeView, MessageView

PREVIEW_CHARACTERS = 700
MESSAGE_CHARACTERS = 2800
POST_CHARACTERS = 9000  # of all the messages that are joined into one post
LISTED_AT_MOST = 60  # cases in one post
LISTED_CHARACTERS = 150
LINES_A_BLOCK = 5

CLOSE, REOPEN, ESCALATE = "case_close", "case_reopen", "case_escalate"


def card(shown: CaseCard, names: Mapping[str, str]) -> Said:
    """A case's card."""
    line = shown.line
    blocks: list[Block] = [
        header(f"{line.case_id} · {wording.state(line)}"),
        small(*_origin(shown)),
        paragraph(_preview(shown), characters=PREVIEW_CHARACTERS),
        small(*_progress(shown, names)),
    ]
    blocks += [_reason(reason) for reason in shown.reasons]
    blocks.append(_card_buttons(line))
    who = escape(clip(wording.customer(line), 100))
    return said(f"{line.case_id} ({wording.state(line)}): {who}", blocks)


def _origin(shown: CaseCard) -> list[str]:
    line = shown.line
    parts = [wording.customer(line), f"by {wording.DOORS.get(line.source, line.source)}"]
    if line.subject:
        parts.append(line.subject)
    if shown.follows:
        parts.append(f"follows {shown.follows}")
    return parts


def _preview(shown: CaseCard) -> str:
    if shown.first is None:
        return "(no message)"
    if shown.first.deleted:
        return "(deleted by its author)"
    return shown.first.text or shown.first.body


def _progress(shown: CaseCard, names: Mapping[str, str]) -> list[Part]:
    line = shown.line
    parts: list[Part] = [wording.count(line.message_count, "message")]
    if shown.last is not None:
        parts += [f"{_author(shown.last, names)} wrote last", markup(moment(shown.last.timestamp))]
    if line.waiting_since is not None:
        parts.append(markup(f"waiting for us since {moment(line.waiting_since)}"))
    parts.append(wording.holder(line, names))
    if shown.closed_at is not None and shown.closed_by is not None:
        parts += [f"closed by {names.get(shown.closed_by, shown.closed_by)}", markup(moment(shown.closed_at))]
    return parts


def _author(message: MessageView, names: Mapping[str, str]) -> str:
    name = message.sender_name or names.get(message.sender, message.sender)
    return f"{name} (unverified)" if message.standing == "claim" else name


def _reason(reason: Reason) -> Block:
    return paragraph(f"⚠ {wording.REASONS[reason.kind]}: {reason.evidence}", characters=500)


def _card_buttons(line: CaseLine) -> Block:
    if line.status != "open":
        return buttons(button("Reopen", REOPEN, line.case_id))
    close = button("Close", CLOSE, line.case_id)
    return buttons(close) if line.escalated else buttons(button("Escalate", ESCALATE, line.case_id), close)


def thread(messages: Sequence[MessageView], names: Mapping[str, str]) -> Said:
    """The messages of one case that are posted under its card together."""
    blocks: list[Block] = []
    most = min(MESSAGE_CHARACTERS, POST_CHARACTERS // max(1, len(messages)))
    for message in messages:
        blocks += [small(*_byline(message, names)), paragraph(_shown(message, most))]
    authors = list(dict.fromkeys(_author(message, names) for message in messages))
    case_id = messages[0].case_id if messages else ""
    return said(
        f"{case_id}: {wording.count(len(messages), 'message')} by {escape(clip(', '.join(authors), 100))}", blocks
    )


def _byline(message: MessageView, names: Mapping[str, str]) -> list[Part]:
    verb = "noted" if message.is_note else "answered" if message.is_admin else "wrote"
    parts: list[Part] = [
        f"{_author(message, names)} {verb} by {wording.DOORS.get(message.source, message.source)}",
        markup(moment(message.timestamp)),
    ]
    if message.edited and not message.deleted:
        parts.append("edited")
    if message.cut:
        parts.append("longer than what is kept: cut")
    return parts


def _shown(message: MessageView, most: int) -> str:
    if message.deleted:
        return "(deleted by its author)"
    text = message.text or message.body
    if len(text) <= most:
        return text
    rest = f"\n(the whole message has {len(text):,} characters: /case show {message.case_id})"
    return clip(text, most - len(rest)) + rest


def alert(episodes: Sequence[EpisodeView], names: Mapping[str, str], workspace_url: str) -> Said:
    """The alert of one episode, or the one post that lists several."""
    if len(episodes) == 1:
        return _single_alert(episodes[0], names, workspace_url)
    return _listed_alert(episodes, names)


def _single_alert(episode: EpisodeView, names: Mapping[str, str], workspace_url: str) -> Said:
    line = episode.line
    reasons = "; ".join(reason.evidence for reason in episode.reasons)
    ended = _ending(episode, names)
    title = f"{line.case_id}: no longer escalated" if ended else f"{line.case_id} is escalated"
    blocks: list[Block] = [
        header(title),
        small(wording.customer(line), wording.about(line), markup(moment(episode.started_at))),
    ]
    blocks += [_reason(reason) for reason in episode.reasons]
    blocks.append(small(ended or "Ends with an answer to the customer, or when the case is closed."))
    if episode.card is not None:
        blocks.append(small(markup(f"<{permalink(workspace_url, *episode.card)}|The card of {line.case_id}>")))
    if not ended and line.status == "open":
        blocks.append(buttons(button("Close", CLOSE, line.case_id)))
    return said(f"{title}: {escape(clip(ended or reasons, 500))}", blocks)


def _ending(episode: EpisodeView, names: Mapping[str, str]) -> str:
    """Who ended an episode, and how; empty while it goes on."""
    if episode.ended_at is None:
        return ""
    by = names.get(episode.ended_by or "", episode.ended_by or "")
    return f"{by} {episode.ended_how} at {episode.ended_at:%Y-%m-%d %H:%M} UTC"


def _listed_alert(episodes: Sequence[EpisodeView], names: Mapping[str, str]) -> Said:
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


def question(ledger_id: int, candidates: Sequence[CaseLine], sender: str) -> Said:
    """Which case does an admin's message belong to? One button for each."""
    text = f"Several cases fit what {sender} wrote, so it was put to none. Which one is it?"
    rows: list[Block] = [paragraph(text)]
    rows += [
        paragraph(
            f"{line.case_id} · {clip(wording.customer(line), 80)} · {clip(wording.about(line), 120)}",
            button=button(line.case_id, f"place_message:{line.case_id}", f"{ledger_id}:{line.case_id}"),
        )
        for line in candidates[:40]
    ]
    return said(escape(text), rows)
