"""Add the transcripts of voice and video clips."""

from typing import Any


def up(migrator: Any, db: Any) -> None:  # noqa: ARG001 - playhouse.migrations calls it so
    """Add the column."""
    db.execute_sql("ALTER TABLE attachments ADD COLUMN transcript TEXT")
