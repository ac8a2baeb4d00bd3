"""Add changed channel IDs, ignored apps, and the client's ID of a Slack message."""

from typing import Any

STATEMENTS = (
    """CREATE TABLE channel_changes (
        old_channel VARCHAR(255) NOT NULL PRIMARY KEY,
        new_channel VARCHAR(255) NOT NULL,
        at TIMESTAMPTZ NOT NULL
    )""",
    """CREATE TABLE left_out_apps (
        app_id VARCHAR(255) NOT NULL PRIMARY KEY,
        at TIMESTAMPTZ NOT NULL
    )""",
    "CREATE INDEX notices_dropped ON notices (due_at) WHERE state = 'dropped'",
    "ALTER TABLE messages ADD COLUMN own_text TEXT",
    "ALTER TABLE messages ADD COLUMN client_message_id TEXT",
    "CREATE INDEX messages_client ON messages (client_message_id) WHERE client_message_id IS NOT NULL",
)


def up(migrator: Any, db: Any) -> None:  # noqa: ARG001 - playhouse.migrations calls it so
    """Create the tables, the columns and the indexes."""
    for statement in STATEMENTS:
        db.execute_sql(statement)
