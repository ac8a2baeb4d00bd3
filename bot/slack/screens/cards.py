"""The posts of the support channel: cards, and the messages and answers under them; pure (design 3.6, 3.7)."""

from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import Block

from bot.slack.screens import case_buttons, wording
from bot.slack.screens.blocks import (
    Part,
    Post,
    button,
    buttons,
    header,
    make_post,
    markup,
    moment,
    paragraph,
    small,
)
from bot.slack.screens.reasons import reason_blocks
from bot.slack.screens.text import clip, escape
from casebook.views import AnswerState, AnswerView, CaseCard, CaseLine, MessageView

PREVIEW_CHARACTERS = 700
MESSAGE_CHARACTERS = 2800
UNDO, TRY_AGAIN, MESSAGE_WHOLE = "answer_undo", "answer_again", "message_whole"
MOVE = "case_move"
MAX_CANDIDATES = 40
POST_CHARACTERS = 8000  # of all messages in one post, without the lines that name their authors
FILES_CHARACTERS = 800  # of the lines that name files, in one post


def card(shown: CaseCard, names: Mapping[str, str]) -> Post:
    """The card of a case."""
    line = shown.line
    blocks: list[Block] = [
        header(f"{line.case_id} · {wording.state(line)}"),
        small(*_origin(shown)),
        paragraph(_preview(shown), characters=PREVIEW_CHARACTERS),
        *_attached(shown.first),
        small(*_progress(shown, names)),
    ]
    blocks += reason_blocks(line.case_id, shown.reasons)
    blocks.append(case_buttons.for_card(line))
    if shown.may_belong_to and line.status == "open":
        move = f"{line.case_id}:{shown.may_belong_to}"
        blocks.append(buttons(button(f"Put it into {shown.may_belong_to}", MOVE, move)))
    who = escape(clip(wording.customer(line), 100))
    return make_post(f"{line.case_id} ({wording.state(line)}): {who}", blocks)


def _origin(shown: CaseCard) -> list[str]:
    line = shown.line
    parts = [wording.customer(line), f"by {wording.DOORS.get(line.source, line.source)}"]
    if line.subject:
        parts.append(line.subject)
    if shown.follows:
        parts.append(f"follows {shown.follows}")
    if shown.may_belong_to and not shown.moved_to:
        parts.append(f"may belong to {shown.may_belong_to}")
    return [*parts, *wording.sender_warnings(shown.first)]


def _preview(shown: CaseCard) -> str:
    if shown.moved_to:
        return f"What was written here is part of {shown.moved_to} now."
    if shown.first is None:
        return "(no message)"
    if shown.first.deleted:
        return "(deleted by its author)"
    return shown.first.text or shown.first.body


def _progress(shown: CaseCard, names: Mapping[str, str]) -> list[Part]:
    line = shown.line
    parts: list[Part] = [wording.count(line.message_count, "message")]
    if shown.last is not None:
        parts += [f"{wording.author(shown.last, names)} wrote last", markup(moment(shown.last.timestamp))]
    if line.waiting_since is not None:
        parts.append(markup(f"waiting for us since {moment(line.waiting_since)}"))
    parts.append(wording.assignee(line, names))
    if shown.closed_at is not None and shown.closed_by is not None:
        parts += [f"closed by {names.get(shown.closed_by, shown.closed_by)}", markup(moment(shown.closed_at))]
    return parts


def thread(messages: Sequence[MessageView], names: Mapping[str, str]) -> Post:
    """The post with one or more messages of a case under its card."""
    blocks: list[Block] = []
    limit = min(MESSAGE_CHARACTERS, POST_CHARACTERS // max(1, len(messages)))
    for message in messages:
        blocks += [small(*_byline(message, names)), paragraph(_shown(message), characters=limit)]
        if len(_shown(message)) > limit:
            whole = button("Whole message", f"{MESSAGE_WHOLE}:{message.message_id}", str(message.message_id))
            blocks.append(buttons(whole))
        blocks += _attached(message, characters=FILES_CHARACTERS // len(messages))
    authors = list(dict.fromkeys(wording.author(message, names) for message in messages))
    case_id = messages[0].case_id if messages else ""
    return make_post(
        f"{case_id}: {wording.count(len(messages), 'message')} by {escape(clip(', '.join(authors), 100))}", blocks
    )


def _attached(message: MessageView | None, *, characters: int = FILES_CHARACTERS) -> list[Block]:
    """The line that lists a message's files; empty if it has none."""
    line = wording.attachments(message.files, message.upload_error) if message is not None else ""
    return [small(line, characters=characters)] if line else []


def _byline(message: MessageView, names: Mapping[str, str]) -> list[Part]:
    verb = "noted" if message.is_note else "answered" if message.is_admin else "wrote"
    parts: list[Part] = [
        f"{wording.author(message, names)} {verb} by {wording.DOORS.get(message.source, message.source)}",
        markup(moment(message.timestamp)),
    ]
    if message.edited and not message.deleted:
        parts.append("edited")
    if message.cut:
        parts.append("longer than what is kept: cut")
    return [*parts, *wording.sender_warnings(message)]


def _shown(message: MessageView) -> str:
    return "(deleted by its author)" if message.deleted else message.text or message.body


def case_question(ledger_id: int, candidates: Sequence[CaseLine], sender: str) -> Post:
    """The question to which case an admin's message belongs, with a button for each candidate."""
    text = f"Several cases fit what {clip(sender, 100)} wrote, so it was put to none. Which one is it?"
    rows = [paragraph(text), *(case_buttons.candidate(line, ledger_id) for line in candidates[:MAX_CANDIDATES])]
    return make_post(escape(text), rows)


def answer_state(answer: AnswerView) -> Post:
    """The state of an answer, under the card: whether the customer has received it."""
    author = answer.author_name or answer.author
    match answer.state:
        case AnswerState.WAITING:
            title = f"{author} answers the customer; it goes out in a moment"
        case AnswerState.SENT:
            title = f"✓ {author} answered the customer"
        case AnswerState.TAKEN_BACK:
            title = f"{author}'s answer was taken back: the customer has not seen it"
        case AnswerState.NOTE:
            title = f"{author} made this answer a note: the customer has not seen it"
        case AnswerState.REFUSED:
            title = f"⚠ Not sent, and tried again: {answer.error}"
    body = answer.text or "(deleted by its author)"
    blocks: list[Block] = [small(title), paragraph(body, characters=MESSAGE_CHARACTERS)]
    undo = button("Undo", UNDO, str(answer.message_id))
    if answer.state is AnswerState.WAITING:
        blocks.append(buttons(undo))
    elif answer.state is AnswerState.REFUSED:
        blocks.append(buttons(undo, button("Try again", TRY_AGAIN, str(answer.message_id))))
    return make_post(f"{answer.case_id}: {escape(clip(title, 300))}", blocks)
