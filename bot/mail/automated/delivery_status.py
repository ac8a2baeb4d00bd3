"""Read what a delivery status (RFC 3464) or a notification of Amazon SES says about each recipient."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.mail.mime.budget import budget
from bot.mail.mime.headers import Headers, readable, split_headers
from bot.mail.mime.parts import Part

_RECIPIENTS = 100
_DEPTH_OF_JSON = 4
_ADDRESS = re.compile(
    r"(?:(?:smtp|rfc822)[=:;]|(?<![^\s<>@,;:\"'()\[\]]))([^\s<>@,;:\"'()\[\]]{1,128}@[\w.-]{1,255}\w)", re.IGNORECASE
)
_STATUS = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_CODE = re.compile(r"(?<![\d.])([45])\d\d(?=[\s-])")
_ARRIVED = frozenset({"delivered", "relayed", "expanded"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """The delivery to one recipient; `status` is a code of RFC 3463, or empty."""

    recipient: str
    action: str
    status: str
    diagnostic: str

    @property
    def arrived(self) -> bool:
        """Whether the mail reached this recipient."""
        return self.action in _ARRIVED

    @property
    def permanent(self) -> bool | None:
        """Whether the failure is permanent, by the action, else by the status; None if unknown."""
        if self.action in {"failed", "delayed"}:
            return self.action == "failed"
        if self.status:
            return self.status.startswith("5")
        return None


def read_outcomes(part: Part) -> list[Outcome]:
    """The outcomes in a message/delivery-status, one for each group of fields; a group may lack the recipient."""
    found: list[Outcome] = []
    content, left = part.content(), budget()
    rest = content[: left.take("status", len(content))]
    while rest and left.take("recipients"):
        fields, rest = split_headers(rest)
        if not fields.fields:
            break
        if fields.has("final-recipient") or fields.has("original-recipient") or fields.has("action"):
            found.append(_outcome(fields))
    return found


def ses_outcomes(text: str) -> list[Outcome] | None:
    """The outcomes in a JSON notification of Amazon SES: None for other text, an empty list if it is no bounce."""
    if not text.lstrip().startswith("{") or "notificationType" not in text:
        return None
    bounce = _ses_bounce(text, _DEPTH_OF_JSON)
    if bounce is None:
        return []
    kind = str(bounce.get("bounceType", "")).lower()
    action = {"permanent": "failed", "transient": "delayed"}.get(kind, "")
    return [
        Outcome(
            str(recipient.get("emailAddress", "")).lower(),
            action,
            first_status(str(recipient.get("status", ""))),
            str(recipient.get("diagnosticCode", "")),
        )
        for recipient in _dicts(bounce.get("bouncedRecipients"))
    ]


def first_status(text: str) -> str:
    """The first status code of RFC 3463 in the text, or an empty string."""
    return match[1] if (match := _STATUS.search(text)) else ""


def reply_class(text: str) -> str:
    """`4` or `5`, the class of the first SMTP reply code in the text, or an empty string."""
    return match[1] if (match := _CODE.search(text)) else ""


def first_address(text: str) -> str:
    """The first address in the text in lower case, or an empty string."""
    return match[1].lower() if (match := _ADDRESS.search(text)) else ""


def _outcome(fields: Headers) -> Outcome:
    named = [readable(fields.first(name)).partition(";") for name in ("original-recipient", "final-recipient")]
    addresses = (first_address(value or kind) for kind, _, value in named)
    diagnostic = readable(fields.first("diagnostic-code"))
    return Outcome(
        next((address for address in addresses if address), ""),
        (fields.first("action").lower().split() or [""])[0].rstrip(";"),
        first_status(fields.first("status")) or first_status(diagnostic),
        diagnostic.partition(";")[2].strip() or diagnostic,
    )


def _ses_bounce(text: str, depth: int) -> dict[str, Any] | None:
    """The bounce in a notification, which SNS may have wrapped as a JSON string in `Message`."""
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    bounce = value.get("bounce")
    if isinstance(bounce, dict):
        return bounce
    inner = value.get("Message")
    return _ses_bounce(inner, depth - 1) if isinstance(inner, str) and depth else None


def _dicts(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        yield from (item for item in value[:_RECIPIENTS] if isinstance(item, dict))
