"""What somebody sent with a form, and where they were: read from Slack's payload."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Origin:
    """Where somebody was when they pressed or sent something: there they are told what came of it."""

    channel: str = ""  # empty on the Home tab
    home: str = ""  # the filter and page of the Home tab; empty in a channel

    def as_text(self) -> str:
        """For a form's private_metadata."""
        return f"home {self.home}" if self.home else self.channel

    @classmethod
    def from_text(cls, text: str) -> "Origin":
        """Back from a form's private_metadata."""
        kind, _, step = text.partition(" ")
        return cls(home=step) if kind == "home" else cls(channel=text)


@dataclass(frozen=True, slots=True)
class Sent:
    """One form, sent by somebody."""

    user: str
    name: str
    form: str
    view_id: str
    about: dict[str, Any]
    values: dict[str, str]

    @property
    def case_id(self) -> str:
        """The case that the form is about."""
        return str(self.about["case"])

    @property
    def origin(self) -> Origin:
        """Where it was opened."""
        return Origin.from_text(str(self.about.get("origin", "")))


def read_sent(body: dict[str, Any]) -> Sent:
    """Read a `view_submission`: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload."""
    view = body["view"]
    values = {
        action_id: str(state.get("value") or (state.get("selected_option") or {}).get("value") or "").strip()
        for block in view["state"]["values"].values()
        for action_id, state in block.items()
    }
    return Sent(
        user=str(body["user"]["id"]),
        name="",
        form=str(view.get("callback_id") or ""),
        view_id=str(view["id"]),
        about=json.loads(view.get("private_metadata") or "{}"),
        values=values,
    )
