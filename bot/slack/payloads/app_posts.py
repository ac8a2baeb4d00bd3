"""Which app, or Slack itself, made a message; pure."""

from dataclasses import dataclass

from bot.slack.context.membership import SLACKBOT
from bot.slack.payloads.json_values import Json, mapping

_MOST_NAME = 80


@dataclass(frozen=True, slots=True)
class App:
    """An app, or Slack itself, as a message names it."""

    app_id: str  # what stands for it in the book, and the best to write into CUSTOMER_APPS
    ids: frozenset[str]
    name: str = ""

    @property
    def is_slackbot(self) -> bool:
        """Whether Slack itself made it."""
        return self.app_id == SLACKBOT

    def is_among(self, wanted: frozenset[str]) -> bool:
        """Whether one of its IDs or its name is wanted; names are compared without regard to case."""
        folded = {each.casefold() for each in wanted}
        by_name = bool(self.name) and not self.is_slackbot and self.name.casefold() in folded
        return bool(self.ids & wanted) or by_name


def app_of(message: Json) -> App | None:
    """The app that a message names as its maker; None where a person typed it. Pure.

    https://docs.slack.dev/reference/events/message/bot_message
    """
    if message.get("user") == SLACKBOT:
        return App(SLACKBOT, frozenset({SLACKBOT}), "Slackbot")
    profile = mapping(message.get("bot_profile"))
    ids = [message.get("app_id"), profile.get("app_id"), message.get("bot_id"), profile.get("id")]
    known = [str(each) for each in ids if each]
    if not message.get("bot_id") and message.get("subtype") != "bot_message":
        return None
    name = " ".join(str(message.get("username") or profile.get("name") or "").split())[:_MOST_NAME]
    names = known or [str(message.get("user") or "")]
    user = {str(message["user"])} if message.get("user") else set()
    return App(names[0], frozenset({*known, *user}), name)
