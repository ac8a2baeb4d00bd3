"""The scopes that the app requests, and why it needs each."""

from collections.abc import Mapping

# https://docs.slack.dev/reference/scopes
# tests/papers/test_manifest.py compares this list with the methods that the code calls and its events.
SCOPES: Mapping[str, str] = {
    "channels:history": "messages in public channels reach it",
    "channels:read": "it finds public channels by name, and looks whether they are shared and who is in them",
    "chat:write": "it posts cards, alerts and answers",
    "chat:write.customize": "answers go out under an admin's name and picture",
    "commands": "/case and the message shortcuts",
    "files:read": "files that come with messages are kept",
    "files:write": "attachments are uploaded under the card, and an answer's files where the answer stands",
    "groups:history": "messages in private channels reach it",
    "groups:read": "it finds private channels by name, and looks whether they are shared and who is in them",
    "im:history": "direct messages reach it",
    "im:read": "it looks at direct conversations",
    "mpim:history": "direct messages among several people reach it",
    "mpim:read": "it looks at direct conversations among several people",
    "usergroups:read": "ADMIN_SLACK_USERGROUP",
    "users:read": "who somebody is: names, guests, other organisations",
    "users:read.email": "ADMIN_EMAILS on Slack",
}
