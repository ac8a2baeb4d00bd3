"""What an answer of each method of Slack's must hold for us to go on; whatever lacks it is no answer."""

from collections.abc import Mapping
from typing import Any

# A mapping names what an object must hold, and a list says what each of its entries must be; a name with a question
# mark may be missing, null or empty.
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


def lacking(method: str, answer: Mapping[str, Any]) -> str:
    """What this answer lacks, or holds as something else than it should be, by its path; empty where it is whole."""
    return _lacking(SHAPES.get(method, {}), answer, "")


def _lacking(shape: Any, value: Any, path: str) -> str:
    if isinstance(shape, Mapping):
        if not isinstance(value, Mapping):
            return path
        parts = ((name, value.get(name.removesuffix("?")), each) for name, each in shape.items())
        wrong = (
            _lacking(each, part, f"{path}.{name.removesuffix('?')}".lstrip("."))
            for name, part, each in parts
            if not (name.endswith("?") and part in (None, ""))
        )
    elif isinstance(shape, list):
        if not isinstance(value, list):
            return path
        wrong = (_lacking(shape[0], entry, f"{path}[{number}]") for number, entry in enumerate(value))
    else:
        return "" if isinstance(value, shape) and value != "" else path
    return next((each for each in wrong if each), "")
