"""Renders the post of a claimed notice from current data."""

from datetime import datetime

from bot.slack.context.context import SlackContext
from bot.slack.context.people import POST_NAMES_SECONDS
from bot.slack.delivery.posting import target_id
from bot.slack.delivery.questions import QUESTIONS
from bot.slack.screens import alerts, cards, command_answers, wording
from bot.slack.screens.blocks import NothingToPost, Post, make_post
from bot.slack.screens.text import clip, escape, printable
from casebook import queries
from casebook.outbound import replies
from casebook.outcomes import Claimed, Item, NoticeKind

LINE_CHARACTERS = 2000


async def render(context: SlackContext, claimed: Claimed) -> Post | NothingToPost:
    """The post of a notice, or why there is nothing to post; raises DatabaseUnavailableError."""
    first = claimed.items[0]
    match first.kind:
        case NoticeKind.CARD:
            return await _card(context, first)
        case NoticeKind.THREAD | NoticeKind.COPY:
            return await _messages(context, claimed)
        case NoticeKind.ALERT:
            return await _alert(context, first)
        case NoticeKind.LOG | NoticeKind.CLOSED | NoticeKind.REOPENED:
            return await _lines(context, claimed)
        case NoticeKind.ASK | NoticeKind.FORWARD | NoticeKind.DOUBTFUL | NoticeKind.CLAIM:
            return await QUESTIONS[first.kind](context, first)
        case NoticeKind.ANSWER:
            return await _answer(context, first)
        case NoticeKind.ANSWER_STATE:
            return await _answer_state(context, first)
        case NoticeKind.TELL | NoticeKind.ACKNOWLEDGE | NoticeKind.PRIVATE:
            return command_answers.sentence(str(first.payload["text"]))
        case (
            NoticeKind.FETCH
            | NoticeKind.TRANSCRIPT
            | NoticeKind.FILES
            | NoticeKind.ANSWER_FILES
            | NoticeKind.FILES_GONE
        ):
            return NothingToPost("the notice transfers files")


async def _card(context: SlackContext, item: Item) -> Post | NothingToPost:
    shown = await context.desk.do(queries.card, item.case_id or "")
    if shown is None:
        return NothingToPost("the case is not in the database")
    people = [shown.line.assigned_to, shown.closed_by, shown.last.sender if shown.last else None]
    return cards.card(shown, await context.people.names(people, within=POST_NAMES_SECONDS))


async def _messages(context: SlackContext, claimed: Claimed) -> Post | NothingToPost:
    """The messages of a post: the claimed ones, or for an update those that it already contains."""
    first = claimed.items[0]
    if first.kind is NoticeKind.COPY:
        channel, ts = first.post or ("", "")
        messages = await context.desk.do(queries.messages_in_post, channel, ts)
    else:
        messages = await context.desk.do(queries.messages, [target_id(item) for item in claimed.items])
    if not messages:
        return NothingToPost("the messages are not in the database")
    names = await context.people.names((each.sender for each in messages), within=POST_NAMES_SECONDS)
    return cards.thread(messages, names)


async def _alert(context: SlackContext, item: Item) -> Post | NothingToPost:
    episodes = await context.desk.do(queries.episodes, item.target.partition(":")[2])
    if not episodes:
        return NothingToPost("the episode is not in the database")
    names = await context.people.names((episode.ended_by for episode in episodes), within=POST_NAMES_SECONDS)
    return alerts.alert(episodes, names, context.workspace_url)


async def _lines(context: SlackContext, claimed: Claimed) -> Post:
    return make_post("\n".join([escape(clip(await _line(context, item), LINE_CHARACTERS)) for item in claimed.items]))


async def _line(context: SlackContext, item: Item) -> str:
    """One line of the log channel."""
    if item.kind is NoticeKind.LOG:
        return " ".join(str(item.payload["text"]).split())
    by, at = str(item.payload["by"]), datetime.fromisoformat(item.payload["at"])
    name = (await context.people.names([by], within=POST_NAMES_SECONDS))[by]
    line = wording.closing_line if item.kind is NoticeKind.CLOSED else wording.reopening_line
    return line(str(item.payload["case"]), at, " ".join(name.split()))


async def _answer(context: SlackContext, item: Item) -> Post | NothingToPost:
    """An admin's answer, under their name and picture."""
    answer = await context.desk.do(replies.view, target_id(item))
    if answer is None or not answer.text:
        return NothingToPost("its author deleted the answer")
    author = await context.people.look_up_for_action(answer.author)
    text = escape(printable(answer.text))
    return Post(text, username=answer.author_name or author.name, icon_url=author.picture)


async def _answer_state(context: SlackContext, item: Item) -> Post | NothingToPost:
    answer = await context.desk.do(replies.view, target_id(item))
    return NothingToPost("the answer is not in the database") if answer is None else cards.answer_state(answer)
