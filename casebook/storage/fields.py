"""The field types of the book: moments in UTC, and text that both databases can store."""

from datetime import UTC, datetime
from typing import Any

from peewee import BooleanField, Field, TextField

_UNSTORABLE = {0: None} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


class UtcField(Field):
    """A moment: aware in Python, `timestamptz` on PostgreSQL, ISO text of one width on SQLite so that it sorts."""

    field_type = "TIMESTAMPTZ"

    def db_value(self, value: datetime | None) -> str | None:
        """The moment as text that both databases read; a naive time is a mistake of ours and raises ValueError."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{self.name}: a time without a zone cannot be stored")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def python_value(self, value: Any) -> datetime | None:
        """The moment, aware, in UTC."""
        if value is None:
            return None
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return moment.astimezone(UTC)


class SafeTextField(TextField):
    """Text from outside: NUL and lone surrogates, which no database takes, are removed here and only here."""

    def db_value(self, value: str | None) -> str | None:
        """The text as both databases can store it."""
        return None if value is None else value.translate(_UNSTORABLE)


class FlagField(BooleanField):
    """True or false; declared as BOOLEAN on SQLite too, as other programs expect it."""

    field_type = "BOOLEAN"
