"""Add sent emails, the key for their Message-IDs, and the emails that an email answers."""

from typing import Any

STATEMENTS = (
    "ALTER TABLE messages ADD COLUMN conversation TEXT",
    """CREATE TABLE secrets (
        name VARCHAR(255) NOT NULL PRIMARY KEY,
        value TEXT NOT NULL
    )""",
    """CREATE TABLE letters (
        external_id TEXT NOT NULL PRIMARY KEY,
        case_id VARCHAR(255) NOT NULL,
        message_id INTEGER,
        recipients TEXT NOT NULL,
        at TIMESTAMPTZ NOT NULL,
        FOREIGN KEY (case_id) REFERENCES cases (case_id),
        FOREIGN KEY (message_id) REFERENCES messages (id)
    )""",
    "CREATE INDEX notices_target ON notices (target)",
)


def up(migrator: Any, db: Any) -> None:  # noqa: ARG001 - playhouse.migrations calls it so
    """Create the column, the tables and the index."""
    for statement in STATEMENTS:
        db.execute_sql(statement)
