"""Submitted forms: each is authorized, does one operation, and is answered privately."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import structlog

from bot.slack import home
from bot.slack.api.errors import CALL_ERRORS, read_failure
from bot.slack.case_operations import CLOSE, admin_text, draft_reply, keep_note, place
from bot.slack.context.authorization import carry_out
from bot.slack.context.context import SlackContext
from bot.slack.context.permissions import Act
from bot.slack.payloads.submissions import Origin, Submission
from bot.slack.screens import command_answers, modals
from bot.slack.screens.home import FIRST_PAGE, read_filter_and_page
from bot.slack.screens.limits import checked_view
from casebook.errors import CasebookError, WroteMeanwhileError
from casebook.incoming import Incoming
from casebook.outbound import replies
from casebook.records.case_ids import typed_case

log = structlog.get_logger("casebook.slack")


class FormNotOpenedError(CasebookError):
    """Slack did not open the form in time; please press again."""


async def open_form(context: SlackContext, trigger_id: str, view: dict[str, Any]) -> None:
    """Show a form, within the three seconds for which a trigger is valid; raises FormNotOpenedError."""
    try:
        await context.client.views_open(trigger_id=trigger_id, view=checked_view(view))
    except CALL_ERRORS as error:
        log.warning("form not opened", error=read_failure(error).error)
        raise FormNotOpenedError from error


async def _can_answer(context: SlackContext, case_id: str) -> bool:
    """Whether a message can be sent to the customer on closing."""
    try:
        await context.desk.do(replies.check_answerable, case_id, context.limits)
    except CasebookError as error:
        if not error.permanent:
            raise
        return False
    return True


async def open_close_form(context: SlackContext, trigger_id: str, case_id: str, origin: Origin) -> None:
    """Show the form that closes a case; raises FormNotOpenedError."""
    view = modals.close(case_id, origin.as_text(), can_tell=await _can_answer(context, case_id))
    await open_form(context, trigger_id, view)


class FieldError(Exception):
    """The value of one input cannot be used."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


def _typed(sent: Submission) -> str:
    """The text that was typed; Slack accepts blanks in a required input."""
    text = sent.values.get(modals.TEXT, "")
    if not text:
        raise FieldError(modals.TEXT, "Type a few words.")
    return text


class SubmitAgain(Exception):  # noqa: N818 - nothing went wrong
    """The customer wrote meanwhile: the form shows it, and must be submitted again."""

    def __init__(self, view: dict[str, Any]) -> None:
        super().__init__()
        self.view = view


def _message(context: SlackContext, sent: Submission) -> Incoming:
    return admin_text(context, sent.user, sent.name, key=sent.view_id, text=_typed(sent), case_id=sent.case_id)


async def _reply(context: SlackContext, sent: Submission) -> str:
    reply = _message(context, sent)
    try:
        return await draft_reply(context, reply, to=sent.values.get(modals.TO, ""), seen=sent.about.get("seen"))
    except WroteMeanwhileError as error:
        readers = await context.desk.do(replies.check_answerable, sent.case_id, context.limits)
        undo = context.undo.total_seconds()
        meanwhile = modals.WrittenMeanwhile(error.writer, error.text, typed=reply.body)
        view = modals.reply(sent.case_id, sent.origin.as_text(), readers, undo, meanwhile)
        raise SubmitAgain(checked_view(view)) from error


async def _note(context: SlackContext, sent: Submission) -> str:
    return await keep_note(context, _message(context, sent))


async def _close(context: SlackContext, sent: Submission) -> str:
    reason, word = sent.values.get(modals.REASON, ""), sent.values.get(modals.WORD, "")
    return await CLOSE.carry_out(context, sent.case_id, by=sent.user, reason=reason, word=word)


async def _add(context: SlackContext, sent: Submission) -> str:
    case_id = typed_case(sent.values.get(modals.CASE, ""))
    if case_id is None:
        raise FieldError(modals.CASE, "Type a case such as 7, #7, case-7 or CASE-0007.")
    try:
        return await place(context, int(sent.about["ledger"]), case_id, by=sent.user)
    except CasebookError as error:
        if not error.permanent:
            raise
        raise FieldError(modals.CASE, str(error)) from error


@dataclass(frozen=True, slots=True)
class Form:
    """What a form does when it is submitted, and the permission that it needs."""

    act: Act
    run: Callable[[SlackContext, Submission], Awaitable[str]]


FORMS = {
    modals.REPLY: Form(Act.REPLY, _reply),
    modals.NOTE: Form(Act.NOTE, _note),
    modals.CLOSE: Form(CLOSE.act, _close),
    modals.ADD: Form(Act.ADD, _add),
}


async def handle_submission(context: SlackContext, sent: Submission) -> dict[str, Any]:
    """Do what a form stands for, if this person may.

    Returns the response action for Slack: empty, the error of one input, or a new form.
    https://docs.slack.dev/surfaces/modals#response_actions
    """
    form = FORMS[sent.form]
    try:
        answer = await carry_out(
            context,
            sent.user,
            form.act,
            what=f"the form {sent.form}",
            run=lambda person: form.run(context, replace(sent, name=person.name)),
        )
    except FieldError as error:
        return {"response_action": "errors", "errors": {error.field: str(error)}}
    except SubmitAgain as again:
        return {"response_action": "update", "view": again.view}
    context.background.do(answer_privately(context, sent.user, sent.origin, answer), name="answer to a form")
    return {}


async def answer_privately(
    context: SlackContext, user: str, origin: Origin, text: str, respond: Callable[..., Awaitable[Any]] | None = None
) -> None:
    """Answer one person privately, where they pressed or submitted."""
    if origin.home or not origin.channel:
        which, page = read_filter_and_page(origin.home or FIRST_PAGE)
        await home.publish(context, user, which=which, page=page, said=text)
        return
    answer = command_answers.sentence(text)
    if respond is not None:
        await respond(text=answer.text, blocks=answer.blocks, response_type="ephemeral", replace_original=False)
    else:
        await context.client.chat_postEphemeral(
            channel=origin.channel, user=user, text=answer.text, blocks=answer.blocks
        )
