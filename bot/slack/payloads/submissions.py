"""Reads a submitted form from Slack's payload: its values, and where it was opened; pure."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Origin:
    """Where somebody pressed or submitted something: the result is shown there."""

    channel: str = ""  # empty on the Home tab
    home: str = ""  # the filter and page of the Home tab; empty in a channel

    def as_text(self) -> str:
        """The text for a form's private_metadata."""
        return f"home {self.home}" if self.home else self.channel

    @classmethod
    def from_text(cls, text: str) -> "Origin":
        """The inverse of `as_text`."""
        kind, _, page = text.partition(" ")
        return cls(home=page) if kind == "home" else cls(channel=text)


@dataclass(frozen=True, slots=True)
class Submission:
    """One submitted form."""

    user: str
    name: str
    form: str
    view_id: str
    about: dict[str, Any]
    values: dict[str, str]

    @property
    def case_id(self) -> str:
        """The case that the form is about; KeyError if it is about none."""
        return str(self.about["case"])

    @property
    def origin(self) -> Origin:
        """Where the form was opened."""
        return Origin.from_text(str(self.about.get("origin", "")))


def read_submission(body: dict[str, Any]) -> Submission:
    """Read a `view_submission`: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload."""
    view = body["view"]
    values = {
        action_id: str(state.get("value") or (state.get("selected_option") or {}).get("value") or "").strip()
        for block in view["state"]["values"].values()
        for action_id, state in block.items()
    }
    return Submission(
        user=str(body["user"]["id"]),
        name="",
        form=str(view.get("callback_id") or ""),
        view_id=str(view["id"]),
        about=json.loads(view.get("private_metadata") or "{}"),
        values=values,
    )
