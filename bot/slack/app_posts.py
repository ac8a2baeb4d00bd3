"""Which app, or Slack itself, made a message; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SLACKBOT = "USLACKBOT"  # Slack itself; it also posts the mail that somebody sends to a channel's address
_MOST_NAME = 80
_MOST_ADDRESS = 200


@dataclass(frozen=True, slots=True)
class App:
    """An app, or Slack itself, as a message names it."""

    app_id: str  # what stands for it in the book, and the best to write into CUSTOMER_APPS
    ids: frozenset[str]
    name: str = ""
    mail_from: tuple[str, str] | None = (
        None  # Slack posts a mail: the name and address in its From, which nobody proves
    )

    @property
    def is_slackbot(self) -> bool:
        """Whether Slack itself made it."""
        return self.app_id == SLACKBOT

    def is_among(self, wanted: frozenset[str]) -> bool:
        """Whether one of its IDs or its name is wanted; names are compared without regard to case."""
        folded = {each.casefold() for each in wanted}
        by_name = bool(self.name) and not self.is_slackbot and self.name.casefold() in folded
        return bool(self.ids & wanted) or by_name


def app_of(message: Mapping[str, Any]) -> App | None:
    """The app that a message names as its maker; None where a person typed it. Pure.

    https://docs.slack.dev/reference/events/message/bot_message
    """
    if message.get("user") == SLACKBOT:
        return App(SLACKBOT, frozenset({SLACKBOT}), "Slackbot", _mail_from(message))
    profile = message.get("bot_profile")
    profile = profile if isinstance(profile, Mapping) else {}
    ids = [message.get("app_id"), profile.get("app_id"), message.get("bot_id"), profile.get("id")]
    known = [str(each) for each in ids if each]
    if not message.get("bot_id") and message.get("subtype") != "bot_message":
        return None
    name = " ".join(str(message.get("username") or profile.get("name") or "").split())[:_MOST_NAME]
    names = known or [str(message.get("user") or "")]
    user = {str(message["user"])} if message.get("user") else set()
    return App(names[0], frozenset({*known, *user}), name)


def _mail_from(message: Mapping[str, Any]) -> tuple[str, str] | None:
    files = message.get("files")
    for file in files if isinstance(files, list) else ():
        if isinstance(file, Mapping) and "email" in (file.get("mode"), file.get("filetype")):
            senders = file.get("from")
            sender = senders[0] if isinstance(senders, list) and senders and isinstance(senders[0], Mapping) else {}
            name = " ".join(str(sender.get("name") or "").split())[:_MOST_NAME]
            return name, "".join(str(sender.get("address") or "").split())[:_MOST_ADDRESS].lower()
    return None
