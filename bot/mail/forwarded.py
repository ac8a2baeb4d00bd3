"""The mail that somebody forwards, told apart from what they wrote above it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """One forwarded mail, by its topmost header."""

    sender_addr: str | None
    sender_name: str
    subject: str
    text: str
    before: str  # what stands above it
    certain: bool
