"""Field types for PostgreSQL and SQLite: times in UTC, text that both can store, and booleans."""

from datetime import UTC, datetime
from typing import Any

from peewee import BooleanField, Field, TextField

_UNSTORABLE = {0: None} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


class UtcField(Field):
    """A time: aware in Python, `timestamptz` on PostgreSQL, ISO text of fixed width on SQLite, so that it sorts."""

    field_type = "TIMESTAMPTZ"

    def db_value(self, value: datetime | None) -> str | None:
        """The time as ISO text; raises ValueError for a naive time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{self.name}: a time without a zone cannot be stored")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def python_value(self, value: Any) -> datetime | None:
        """The time, aware, in UTC."""
        if value is None:
            return None
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        return moment.astimezone(UTC)


class SafeTextField(TextField):
    """Text from outside: removes NUL and replaces lone surrogates, which the databases refuse."""

    def db_value(self, value: str | None) -> str | None:
        """The text as both databases can store it."""
        return None if value is None else value.translate(_UNSTORABLE)


class FlagField(BooleanField):
    """True or false; declared as BOOLEAN on SQLite too, for other programs that read the file."""

    field_type = "BOOLEAN"
