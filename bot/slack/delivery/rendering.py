"""From a claimed notice to the words of its post, as things are at the moment when it is said."""

from datetime import datetime

from bot.slack.context.context import Office
from bot.slack.context.people import UNHURRIED
from bot.slack.delivery.questions import QUESTIONS
from bot.slack.screens import alerts, cards, command_answers, wording
from bot.slack.screens.blocks import Gone, Said, said
from bot.slack.screens.text import clip, escape, printable
from casebook import queries
from casebook.outbound import replies
from casebook.outcomes import Claimed, Item, NoticeKind

LINE_CHARACTERS = 2000


async def render(office: Office, claimed: Claimed) -> Said | Gone:
    """What the post says."""
    first = claimed.items[0]
    match first.kind:
        case NoticeKind.CARD:
            return await _card(office, first)
        case NoticeKind.THREAD | NoticeKind.COPY:
            return await _messages(office, claimed)
        case NoticeKind.ALERT:
            return await _alert(office, first)
        case NoticeKind.LOG | NoticeKind.CLOSED | NoticeKind.REOPENED:
            return await _lines(office, claimed)
        case NoticeKind.ASK | NoticeKind.FORWARD | NoticeKind.DOUBTFUL | NoticeKind.CLAIM:
            return await QUESTIONS[first.kind](office, first)
        case NoticeKind.ANSWER:
            return await _answer(office, first)
        case NoticeKind.ANSWER_STATE:
            return await _answer_state(office, first)
        case NoticeKind.TELL | NoticeKind.ACKNOWLEDGE | NoticeKind.PRIVATE:
            return command_answers.sentence(str(first.payload["text"]))
        case (
            NoticeKind.FETCH
            | NoticeKind.TRANSCRIPT
            | NoticeKind.FILES
            | NoticeKind.ANSWER_FILES
            | NoticeKind.FILES_GONE
        ):
            return Gone("files are carried, not said")


async def _card(office: Office, item: Item) -> Said | Gone:
    shown = await office.desk.do(queries.card, item.case_id or "")
    if shown is None:
        return Gone("the case is not in the book")
    people = [shown.line.assigned_to, shown.closed_by, shown.last.sender if shown.last else None]
    return cards.card(shown, await office.people.names(people, within=UNHURRIED))


async def _messages(office: Office, claimed: Claimed) -> Said | Gone:
    """The messages of a post: those that are claimed, or those that stand in it already."""
    first = claimed.items[0]
    if first.kind is NoticeKind.COPY:
        channel, ts = first.post or ("", "")
        messages = await office.desk.do(queries.messages_in_post, channel, ts)
    else:
        messages = await office.desk.do(queries.messages, [_number(item) for item in claimed.items])
    if not messages:
        return Gone("the messages are not in the book")
    return cards.thread(messages, await office.people.names((each.sender for each in messages), within=UNHURRIED))


async def _alert(office: Office, item: Item) -> Said | Gone:
    episodes = await office.desk.do(queries.episodes, item.target.partition(":")[2])
    if not episodes:
        return Gone("the episode is not in the book")
    names = await office.people.names((episode.ended_by for episode in episodes), within=UNHURRIED)
    return alerts.alert(episodes, names, office.workspace_url)


async def _lines(office: Office, claimed: Claimed) -> Said:
    return said("\n".join([escape(clip(await _line(office, item), LINE_CHARACTERS)) for item in claimed.items]))


async def _line(office: Office, item: Item) -> str:
    """One line of the log channel."""
    if item.kind is NoticeKind.LOG:
        return " ".join(str(item.payload["text"]).split())
    by, at = str(item.payload["by"]), datetime.fromisoformat(item.payload["at"])
    name = (await office.people.names([by], within=UNHURRIED))[by]
    line = wording.closing_line if item.kind is NoticeKind.CLOSED else wording.reopening_line
    return line(str(item.payload["case"]), at, " ".join(name.split()))


async def _answer(office: Office, item: Item) -> Said | Gone:
    """An admin's answer, under their name and picture."""
    answer = await office.desk.do(replies.view, _number(item))
    if answer is None or not answer.text:
        return Gone("its author deleted the answer")
    author = await office.people.who_may(answer.author)
    text = escape(printable(answer.text))
    return Said(text, username=answer.author_name or author.name, icon_url=author.picture)


async def _answer_state(office: Office, item: Item) -> Said | Gone:
    answer = await office.desk.do(replies.view, _number(item))
    return Gone("the answer is not in the book") if answer is None else cards.answer_state(answer)


def _number(item: Item) -> int:
    """The message that a notice is about."""
    return int(item.target.partition(":")[2])
