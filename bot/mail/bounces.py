"""What could not be delivered, and why: read from the report of a mail server."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """The report on one mail."""

    recipients: tuple[str, ...]
    status: str  # such as 5.1.1 (RFC 3463)
    permanent: bool | None
    reason: str
    message_id: str | None  # of the mail that was not delivered
