"""`/case`: reads what was typed, authorizes it, runs the subcommand and returns the answer (design 3.8)."""

from bot.slack.command_words import WORDS, Typed
from bot.slack.context.authorization import authorize
from bot.slack.context.context import SlackContext
from bot.slack.context.permissions import Act
from bot.slack.screens import command_answers
from bot.slack.screens.blocks import Post
from bot.slack.screens.text import clip
from casebook import queries
from casebook.errors import CasebookError


def read_command(text: str, trigger_id: str = "") -> Typed:
    """Split the text into its first word, in lower case, and the rest; an empty text means `help`."""
    parts = text.strip().split(maxsplit=1)
    if not parts:
        return Typed("help", "", trigger_id)
    return Typed(parts[0].lower(), parts[1].strip() if len(parts) > 1 else "", trigger_id)


async def answer(context: SlackContext, *, user_id: str, typed: Typed) -> Post:
    """Run what was typed, if this person may, and return the answer or the refusal."""
    word = WORDS.get(typed.word)
    acts = word.acts if word else (Act.HELP,)
    granted = await authorize(context, user_id, *acts, what=f"/case {clip(typed.word, 40)}")
    if granted.act is None:
        return command_answers.sentence(granted.refusal)
    if granted.act is Act.OWN_STATUS:
        line = await context.desk.do(queries.line_of, user_id)
        return command_answers.own_status(line, context.clock.now())
    if word is None:
        return command_answers.sentence(
            f"I do not know /case {clip(typed.word, 40)}. Possible are: {', '.join(WORDS)}."
        )
    try:
        answer = await word.run(context, granted.person, typed)
    except CasebookError as error:
        if not error.permanent:
            raise
        return command_answers.sentence(str(error))
    context.wake()
    return answer


def help_text() -> str:
    """The text of `/case help`."""
    return command_answers.help_screen([(word.usage, word.meaning) for word in WORDS.values()]).text
