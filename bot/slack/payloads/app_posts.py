"""The app, or Slackbot, that made a message; pure."""

from dataclasses import dataclass

from bot.slack.payloads.json_values import Json, mapping

SLACKBOT = "USLACKBOT"  # Slack's own user; it also posts the emails that are sent to a channel's address
_MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class App:
    """The app, or Slackbot, that a message names as its author."""

    app_id: str  # its identifier in the database, and the best value for CUSTOMER_APPS
    ids: frozenset[str]
    name: str = ""

    @property
    def is_slackbot(self) -> bool:
        """Whether Slackbot made it."""
        return self.app_id == SLACKBOT

    def is_listed(self, wanted: frozenset[str]) -> bool:
        """Whether `wanted` has its name, in upper or lower case, or one of its IDs."""
        folded = {each.casefold() for each in wanted}
        by_name = bool(self.name) and not self.is_slackbot and self.name.casefold() in folded
        return bool(self.ids & wanted) or by_name


def app_of(message: Json) -> App | None:
    """The app that a message names as its author; None if a person typed it.

    https://docs.slack.dev/reference/events/message/bot_message
    """
    if message.get("user") == SLACKBOT:
        return App(SLACKBOT, frozenset({SLACKBOT}), "Slackbot")
    profile = mapping(message.get("bot_profile"))
    ids = [message.get("app_id"), profile.get("app_id"), message.get("bot_id"), profile.get("id")]
    known = [str(each) for each in ids if each]
    if not message.get("bot_id") and message.get("subtype") != "bot_message":
        return None
    name = " ".join(str(message.get("username") or profile.get("name") or "").split())[:_MAX_NAME]
    names = known or [str(message.get("user") or "")]
    user = {str(message["user"])} if message.get("user") else set()
    return App(names[0], frozenset({*known, *user}), name)
