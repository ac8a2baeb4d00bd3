"""Add the files of messages."""

from typing import Any

STATEMENTS = (
    """CREATE TABLE attachments (
        id {serial},
        message_id INTEGER NOT NULL,
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        content_type TEXT NOT NULL,
        size {large} NOT NULL,
        sha256 VARCHAR(255) NOT NULL,
        state VARCHAR(255) NOT NULL,
        why_not TEXT NOT NULL,
        embedded BOOLEAN NOT NULL,
        remote_id VARCHAR(255) NOT NULL,
        copy_id VARCHAR(255) NOT NULL,
        FOREIGN KEY (message_id) REFERENCES messages (id)
    )""",
    "CREATE UNIQUE INDEX attachments_message_id_position ON attachments (message_id, position)",
    "CREATE INDEX attachments_sha256 ON attachments (sha256)",
)


def up(migrator: Any, db: Any) -> None:  # noqa: ARG001 - playhouse.migrations calls it so
    """Create the table and its indexes."""
    postgresql = "SERIAL" in db.field_types.values()
    types = {
        "serial": "SERIAL NOT NULL PRIMARY KEY" if postgresql else "INTEGER NOT NULL PRIMARY KEY",
        "large": "BIGINT" if postgresql else "INTEGER",
    }
    for statement in STATEMENTS:
        db.execute_sql(statement.format(**types))
