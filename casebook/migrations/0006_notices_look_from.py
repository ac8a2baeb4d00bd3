"""Add the time, by Slack's clock, from which the post of an uncertain notice is searched for."""

from typing import Any


def up(migrator: Any, db: Any) -> None:  # noqa: ARG001 - playhouse.migrations calls it so
    """Add the column."""
    db.execute_sql("ALTER TABLE notices ADD COLUMN look_from TIMESTAMPTZ")
