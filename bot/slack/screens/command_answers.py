"""The answers to `/case`, which only the caller sees; pure (design 3.8)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from slack_sdk.models.blocks import Block

from bot.slack.screens import wording
from bot.slack.screens.blocks import Post, header, make_post, paragraph, small
from bot.slack.screens.text import clip, escape
from casebook.rules import Limits, duration
from casebook.views import CaseHistory, CaseLine, CasePage, Filter, MessageView, Overview, Why

LINE_CHARACTERS = 120
SHOWN_CHARACTERS = 700  # of each of ten messages: an answer may have about 11,000 in all
EVENTS_CHARACTERS = 2000


def sentence(text: str) -> Post:
    """An answer of one sentence, shown as it is."""
    return make_post(escape(clip(text, 3000)), [paragraph(text)])


def overview(shown: Overview, now: datetime) -> Post:
    """The counts of open cases."""
    lines = [f"{wording.count(shown.open, 'open case')}: {shown.escalated} escalated, {shown.unassigned} unassigned."]
    if shown.waiting_longest is not None:
        lines.append(f"{shown.waiting} waiting for us, the longest for {duration(now - shown.waiting_longest)}.")
    else:
        lines.append("Nobody is waiting for us.")
    if shown.oldest is not None and shown.oldest_at is not None:
        lines.append(f"The oldest is {shown.oldest}, opened {duration(now - shown.oldest_at)} ago.")
    return sentence("\n".join(lines))


def status(line: CaseLine, names: Mapping[str, str], now: datetime) -> Post:
    """The state of one case, for an admin."""
    return sentence(
        f"{line.case_id} is {wording.state(line)}: {wording.customer(line)}, "
        f"{wording.count(line.message_count, 'message')}, {wording.waiting(line, now)}, "
        f"{wording.assignee(line, names)}.\n"
        f"{clip(wording.about(line), LINE_CHARACTERS)}"
    )


def own_status(line: CaseLine | None, now: datetime) -> Post:
    """The state of a customer's own case."""
    if line is None:
        return sentence("You have no open case. To open one, write in the channel that you share with us.")
    return sentence(
        f"Your case {line.case_id} is open, with {wording.count(line.message_count, 'message')}; "
        f"the last one came {duration(now - line.last_message_at)} ago."
    )


def listing(page: CasePage, which: Filter, names: Mapping[str, str], now: datetime) -> Post:
    """One page of a list of cases."""
    title = f"{wording.count(page.total, 'case')} ({which.value})"
    if not page.lines:
        return sentence(f"No open cases ({which.value}).")
    blocks: list[Block] = [header(title)]
    blocks += [paragraph(case_line(line, names, now)) for line in page.lines]
    if page.pages > 1:
        name = "" if which is Filter.ALL else f"{which.value} "
        blocks.append(small(f"Page {page.page} of {page.pages}; the next: /case list {name}{page.page + 1}"))
    return make_post(escape(title), blocks)


def case_line(line: CaseLine, names: Mapping[str, str], now: datetime) -> str:
    """A case in a list, as two lines of text."""
    mark = "⚠ " if line.escalated else ""
    return (
        f"{mark}{line.case_id} · {clip(wording.customer(line), 80)} · {wording.waiting(line, now)} · "
        f"{clip(wording.assignee(line, names), LINE_CHARACTERS)}\n{clip(wording.about(line), LINE_CHARACTERS)}"
    )


def show(history: CaseHistory, names: Mapping[str, str], now: datetime) -> Post:
    """A case with its latest messages and events."""
    line = history.card.line
    blocks: list[Block] = [
        header(f"{line.case_id} · {wording.state(line)}"),
        small(wording.customer(line), wording.waiting(line, now), wording.assignee(line, names)),
    ]
    blocks += [paragraph(_message(message, names), characters=SHOWN_CHARACTERS) for message in history.messages]
    events = [
        f"{event.at:%Y-%m-%d %H:%M} {names.get(event.actor, event.actor)}: {event.kind}"
        + (f" ({clip(event.detail, LINE_CHARACTERS)})" if event.detail else "")
        for event in history.events
    ]
    if events:
        blocks.append(paragraph("What happened (UTC)\n" + "\n".join(events), characters=EVENTS_CHARACTERS))
    return make_post(f"{line.case_id} ({wording.state(line)})", blocks)


def _message(message: MessageView, names: Mapping[str, str]) -> str:
    name = wording.author(message, names)
    text = "(deleted by its author)" if message.deleted else message.body
    return f"{name}, {message.timestamp:%Y-%m-%d %H:%M} UTC{' (note)' if message.is_note else ''}\n{text}"


def help_screen(lines: Sequence[tuple[str, str]]) -> Post:
    """Every command with its meaning."""
    text = "\n".join(f"{usage}\n    {meaning}" for usage, meaning in lines)
    return sentence(f"{text}\nA case can be typed as 7, #7, case-7 or CASE-0007.")


def why(shown: Why, names: Mapping[str, str], limits: Limits, now: datetime) -> Post:
    """The escalations of a case, and what would start the next one."""
    lines = [f"{shown.line.case_id} is {wording.state(shown.line)}."]
    for number, episode in enumerate(shown.episodes, start=1):
        reasons = "; ".join(reason.evidence for reason in episode.reasons)
        ended = "goes on"
        if episode.ended_at is not None:
            by = names.get(episode.ended_by or "", episode.ended_by or "")
            ended = f"{by} {episode.ended_how} {episode.ended_at:%Y-%m-%d %H:%M} UTC"
        lines.append(f"{number}. escalated {episode.started_at:%Y-%m-%d %H:%M} UTC ({clip(reasons, 300)}); {ended}.")
    if not shown.episodes:
        lines.append("It was never escalated.")
    if shown.line.status == "open":
        lines += _next_escalation(shown, limits, now)
    return sentence("\n".join(lines[:1] + lines[1:][-20:]))


def _next_escalation(shown: Why, limits: Limits, now: datetime) -> list[str]:
    silence = now - shown.silent_since
    turn = "It is our turn." if shown.is_our_turn else "We answered last."
    lines = [
        f"Silent since {shown.silent_since:%Y-%m-%d %H:%M} UTC, that is for {duration(silence)}. {turn}",
        f"Follow-ups: {shown.unanswered} of more than {limits.follow_ups} messages in a row without an answer.",
    ]
    if shown.holds_now:
        lines.append("At this moment: " + "; ".join(reason.evidence for reason in shown.holds_now) + ".")
    if shown.due_at is not None:
        lines.append(
            f"Silence escalates after {duration(limits.silence)}: at {shown.due_at:%Y-%m-%d %H:%M} UTC, "
            f"{'which is past' if shown.due_at < now else 'in ' + duration(shown.due_at - now)}."
        )
    elif not shown.line.escalated:
        lines.append("Silence after our own answer does not escalate (ESCALATE_QUIET=false).")
    return lines
