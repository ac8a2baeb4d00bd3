"""Channels whose ID Slack has changed."""

from typing import Any

STATEMENTS = (
    """CREATE TABLE channel_changes (
        old_channel VARCHAR(255) NOT NULL PRIMARY KEY,
        new_channel VARCHAR(255) NOT NULL,
        at TIMESTAMPTZ NOT NULL
    )""",
)


def up(migrator: Any, db: Any) -> None:  # noqa: ARG001 - playhouse.migrations calls it so
    """Make the table."""
    for statement in STATEMENTS:
        db.execute_sql(statement)
