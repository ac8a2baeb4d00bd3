"""Add messages that arrive before the first one of their thread, and find closed cases by their closing time."""

from typing import Any

STATEMENTS = (
    """CREATE TABLE early (
        ledger_id INTEGER NOT NULL PRIMARY KEY,
        place TEXT NOT NULL,
        thread VARCHAR(255) NOT NULL,
        FOREIGN KEY (ledger_id) REFERENCES ledger (id)
    )""",
    "CREATE INDEX early_place_thread ON early (place, thread)",
    "CREATE INDEX cases_closed ON cases (customer_identifier, closed_at) WHERE status = 'closed'",
)


def up(migrator: Any, db: Any) -> None:  # noqa: ARG001 - playhouse.migrations calls it so
    """Create the table and the indexes."""
    for statement in STATEMENTS:
        db.execute_sql(statement)
