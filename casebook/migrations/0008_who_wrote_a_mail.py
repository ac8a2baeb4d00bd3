"""Add whether an email's sender is authenticated, its addressees and Reply-To, and related cases of a case."""

from typing import Any

STATEMENTS = (
    "ALTER TABLE messages ADD COLUMN addressed TEXT",
    "ALTER TABLE messages ADD COLUMN reply_to TEXT",
    "ALTER TABLE messages ADD COLUMN is_reply_to_safe BOOLEAN",
    "ALTER TABLE messages ADD COLUMN vouched BOOLEAN",
    "ALTER TABLE cases ADD COLUMN may_belong_to VARCHAR(255)",
    "ALTER TABLE cases ADD COLUMN moved_to VARCHAR(255)",
)


def up(migrator: Any, db: Any) -> None:  # noqa: ARG001 - playhouse.migrations calls it so
    """Add the columns."""
    for statement in STATEMENTS:
        db.execute_sql(statement)
