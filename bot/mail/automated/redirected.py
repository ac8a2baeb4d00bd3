"""Detect mail that a mailbox rule redirected: the marks of the rule say nothing about the original mail."""

import re

from bot.mail.mime.headers import Headers
from bot.mail.text.subjects import is_forward_subject

_ADDRESS = re.compile(r"[^\s<>@,;:\"()\[\]]{1,64}@[\w.-]{1,255}")
_INBOX_RULES = "x-ms-exchange-inbox-rules-loop"
_RESENT = ("resent-from", "resent-to", "resent-sender", "resent-date", "resent-message-id")
_FORWARDED = (
    "x-ms-exchange-forwardingloop",
    "x-forwarded-for",
    "x-forwarded-to",
    "x-forwarded-by",
    "x-redirected-from",
    "x-sieve-redirected-from",
)
_RULES_AGENT = re.compile(r"rules\s+agent", re.IGNORECASE)
# Sender Rewriting Scheme: a return path with which the redirecting server gets the bounces.
_REWRITTEN = re.compile(r"<?\s*(?:\S{1,64}\+)?srs[01]?[=+-]", re.IGNORECASE)


def is_redirected(headers: Headers, sender: str, subject: str) -> bool:
    """Whether a rule or a forwarding mailbox redirected somebody else's mail."""
    if is_rule_reply(headers, sender, subject):
        return False
    return (
        is_redirected_by_exchange(headers)
        or any(headers.has(name) for name in (*_RESENT, *_FORWARDED))
        or _REWRITTEN.match(headers.first("return-path")) is not None
        or bool(_addresses(headers, "x-loop") - {sender})
        or len(_addresses(headers, "delivered-to")) > 1
    )


def is_redirected_by_exchange(headers: Headers) -> bool:
    """Whether a rule of Exchange did it: Exchange marks redirected mail as `Auto-Submitted: auto-generated`."""
    source = headers.first("x-ms-exchange-generated-message-source")
    return headers.has(_INBOX_RULES) or _RULES_AGENT.search(source) is not None


def is_rule_reply(headers: Headers, sender: str, subject: str) -> bool:
    """Whether a rule of Exchange wrote the mail itself: it names the sender's own mailbox, and forwards nothing."""
    own = sender and sender in _addresses(headers, _INBOX_RULES)
    forwards = any(headers.has(name) for name in _RESENT) or is_forward_subject(subject)
    return bool(own) and not forwards


def _addresses(headers: Headers, name: str) -> set[str]:
    return {found.lower() for value in headers.all(name) for found in _ADDRESS.findall(value[:1_000])}
