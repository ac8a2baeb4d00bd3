"""From which moment on a post that may have been said is looked for, by the clock of the other side."""

from typing import Any


def up(migrator: Any, db: Any) -> None:  # noqa: ARG001 - playhouse.migrations calls it so
    """Add the column."""
    db.execute_sql("ALTER TABLE notices ADD COLUMN look_from TIMESTAMPTZ")
