"""The manifest of the Slack app, made from the lists that the code itself uses."""

import json
from typing import Any

from bot.slack.app import COMMAND, EVENTS
from bot.slack.checks.scopes import SCOPES
from bot.slack.command_words import WORDS
from bot.slack.shortcuts import SHORTCUTS

# Slack has one message event for each kind of conversation: https://docs.slack.dev/reference/events/message
MESSAGES = ("message.channels", "message.groups", "message.im", "message.mpim")


def as_text() -> str:
    """The manifest as JSON, ready to paste; `manifest.json` is exactly this."""
    return json.dumps(manifest(), indent=2) + "\n"


def manifest() -> dict[str, Any]:
    """The manifest: https://docs.slack.dev/reference/app-manifest."""
    return {
        "display_information": {
            "name": "Casebook",
            "description": "Cases from customers' messages, and none forgotten",
            "background_color": "#1f3a5f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "casebook", "always_online": True},
            "shortcuts": _shortcuts(),
            "slash_commands": [
                {
                    "command": COMMAND,
                    "description": "Look at cases and change them",
                    "usage_hint": " | ".join(f"{word} {entry.takes}".strip() for word, entry in WORDS.items()),
                    "should_escape": True,  # else `/case assign 7 @ben` does not say which Ben
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {"bot_events": _events()},
            "interactivity": {"is_enabled": True},
            "org_deploy_enabled": False,
            "socket_mode_enabled": True,
            "token_rotation_enabled": False,
        },
    }


def _shortcuts() -> list[dict[str, str]]:
    return [
        {
            "name": shortcut.name,
            "type": "message",
            "callback_id": callback_id,
            "description": shortcut.description,
        }
        for callback_id, shortcut in SHORTCUTS.items()
    ]


def _events() -> list[str]:
    return sorted(name for event in EVENTS for name in (MESSAGES if event == "message" else (event,)))
