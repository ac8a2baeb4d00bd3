"""The fields that we need in the answer of each Slack method; an answer without them counts as a failure."""

from collections.abc import Mapping
from typing import Any

# A mapping lists the fields of an object, and a list holds the shape of each of its entries. A field whose name ends
# with a question mark may be missing, null or empty.
PAGED = {"response_metadata?": {"next_cursor?": str}}
_USER = {"id": str, "profile?": {}}
_CHANNEL = {"id": str, "name?": str}

SHAPES: Mapping[str, Any] = {
    "apps.connections.open": {"url": str},
    "auth.test": {"team_id": str, "user_id": str, "bot_id?": str, "url?": str},
    "chat.postEphemeral": {},
    "chat.postMessage": {"channel": str, "ts": str},
    "chat.update": {},
    "conversations.history": {"messages": [{}]} | PAGED,
    "conversations.info": {"channel": _CHANNEL},
    "conversations.list": {"channels": [_CHANNEL]} | PAGED,
    "conversations.members": {"members": [str]} | PAGED,
    "conversations.replies": {"messages": [{}]} | PAGED,
    "files.completeUploadExternal": {},
    "files.delete": {},
    "files.getUploadURLExternal": {"upload_url": str, "file_id": str},
    "files.info": {"file": {}},
    "usergroups.list": {"usergroups": [{"id": str, "handle?": str}]},
    "usergroups.users.list": {"users": [str]},
    "users.conversations": {"channels": [_CHANNEL]} | PAGED,
    "users.info": {"user": _USER},
    "users.lookupByEmail": {"user": _USER},
    "views.open": {},
    "views.publish": {},
}


def first_mismatch(method: str, answer: Mapping[str, Any]) -> str:
    """The path of the first field that is missing or of the wrong type; empty if the answer is complete."""
    return _first_mismatch(SHAPES.get(method, {}), answer, "")


def _first_mismatch(shape: Any, value: Any, path: str) -> str:
    if isinstance(shape, Mapping):
        if not isinstance(value, Mapping):
            return path
        parts = ((name, value.get(name.removesuffix("?")), each) for name, each in shape.items())
        wrong = (
            _first_mismatch(each, part, f"{path}.{name.removesuffix('?')}".lstrip("."))
            for name, part, each in parts
            if not (name.endswith("?") and part in (None, ""))
        )
    elif isinstance(shape, list):
        if not isinstance(value, list):
            return path
        wrong = (_first_mismatch(shape[0], entry, f"{path}[{number}]") for number, entry in enumerate(value))
    else:
        return "" if isinstance(value, shape) and value != "" else path
    return next((each for each in wrong if each), "")
