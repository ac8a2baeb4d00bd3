"""The modal forms that buttons and shortcuts open; pure. A form's private_metadata names its case or message."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    InputBlock,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
)
from slack_sdk.models.views import View

from bot.slack.screens.blocks import paragraph, small
from bot.slack.screens.limits import VIEW_BLOCKS, VIEW_BYTES
from bot.slack.screens.text import clip, printable
from casebook.outbound.email import Readers
from casebook.views import MessageView

REPLY, NOTE, CLOSE, ADD = "reply_form", "note_form", "close_form", "add_form"
TEXT, REASON, WORD, CASE, TO = "text", "reason", "word", "case", "to"  # the names of the inputs

TEXT_CHARACTERS = 3000  # Slack's maximum for one input
_PARAGRAPH = 2900
_TITLE = 24
_MEANWHILE = 700
_LABEL, _VALUE = 75, 150  # https://docs.slack.dev/reference/block-kit/composition-objects/option-object


@dataclass(frozen=True, slots=True)
class WrittenMeanwhile:
    """A message that arrived in the case while somebody was typing an answer."""

    writer: str
    text: str
    typed: str  # the answer, to fill in again


def reply(
    case_id: str, origin: str, readers: Readers, undo_seconds: float, meanwhile: WrittenMeanwhile | None = None
) -> dict[str, Any]:
    """The form for an answer to the customer; with `meanwhile`, a second time, to confirm the answer."""
    undo = f" You can take it back for {undo_seconds:g} seconds." if undo_seconds else ""
    blocks: list[Block] = []
    if meanwhile is not None:
        blocks += [
            paragraph(f"{clip(meanwhile.writer, 100)} wrote while you were typing. Is your answer still right?"),
            paragraph(meanwhile.text or "(no text)", characters=_MEANWHILE),
        ]
    if readers.choices and max(map(len, readers.choices)) <= _VALUE:
        blocks += [
            small(f"It goes out under your name.{undo}"),
            small("Replies are asked for at another address than the sender's, and nobody vouches for the mail."),
            _choice(TO, "Send it to", readers.choices),
        ]
    else:
        blocks.append(small(f"{readers.named} will read this, under your name.{undo}"))
    blocks.append(_input(TEXT, "Your answer", multiline=True, typed=meanwhile.typed if meanwhile else ""))
    about = {"case": case_id, "origin": origin, "seen": readers.last}
    return _form(REPLY, f"Answer {case_id}", "Send", about, blocks)


def note(case_id: str, origin: str) -> dict[str, Any]:
    """The form for a note, which the customer never sees."""
    return _form(
        NOTE,
        f"Note on {case_id}",
        "Keep",
        {"case": case_id, "origin": origin},
        [small("The customer never sees this."), _input(TEXT, "Your note", multiline=True)],
    )


def close(case_id: str, origin: str, *, can_tell: bool) -> dict[str, Any]:
    """The form for closing, with an optional reason for the team and an optional text for the customer."""
    blocks: list[Block] = [_input(REASON, "Reason, for the team", optional=True)]
    if can_tell:
        blocks.append(_input(WORD, "A last word to the customer", optional=True, multiline=True))
    return _form(CLOSE, f"Close {case_id}", "Close it", {"case": case_id, "origin": origin}, blocks)


def add(ledger_id: int, origin: str) -> dict[str, Any]:
    """The form that asks to which case a message is added."""
    return _form(
        ADD,
        "Add to a case",
        "Add",
        {"ledger": ledger_id, "origin": origin},
        [_input(CASE, "Case, such as 7 or CASE-0007")],
    )


def whole_message(case_id: str, message: MessageView) -> dict[str, Any]:
    """The whole text of a message, as far as Slack can show it in one view."""
    text = printable(message.body).strip() or "(no text)"
    parts = [text[start : start + _PARAGRAPH] for start in range(0, len(text), _PARAGRAPH)]
    view = _view(case_id, [paragraph(part) for part in parts[: VIEW_BLOCKS - 1]])
    while len(json.dumps(view).encode()) > VIEW_BYTES or len(parts) > len(view["blocks"]):
        parts = parts[: min(len(parts), len(view["blocks"])) - 1]
        rest = small("The rest is too long to be shown here; it is in the book.")
        view = _view(case_id, [*(paragraph(part) for part in parts), rest])
        if len(json.dumps(view).encode()) <= VIEW_BYTES:
            break
    return view


def _view(title: str, blocks: list[Block]) -> dict[str, Any]:
    view: dict[str, Any] = View(
        type="modal", title=_plain(title[:_TITLE]), close=_plain("Back"), blocks=blocks
    ).to_dict()
    return view


def _form(callback_id: str, title: str, submit: str, about: dict[str, Any], blocks: list[Block]) -> dict[str, Any]:
    view: dict[str, Any] = View(
        type="modal",
        callback_id=callback_id,
        title=_plain(title[:_TITLE]),
        submit=_plain(submit),
        close=_plain("Cancel"),
        private_metadata=json.dumps(about),
        blocks=blocks,
    ).to_dict()
    return view


def _choice(name: str, label: str, choices: Sequence[str]) -> InputBlock:
    """A choice of one address; the first is preselected."""
    options = [Option(value=each, text=_plain(clip(each, _LABEL))) for each in choices]
    element = RadioButtonsElement(action_id=name, options=options, initial_option=options[0])
    return InputBlock(block_id=name, label=_plain(label), element=element)


def _input(name: str, label: str, *, optional: bool = False, multiline: bool = False, typed: str = "") -> InputBlock:
    element = PlainTextInputElement(
        action_id=name, multiline=multiline, max_length=TEXT_CHARACTERS, initial_value=typed or None
    )
    return InputBlock(block_id=name, label=_plain(label), element=element, optional=optional)


def _plain(text: str) -> PlainTextObject:
    return PlainTextObject(text=text, emoji=False)
