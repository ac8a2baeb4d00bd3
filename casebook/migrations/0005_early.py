"""Messages that arrive before the first message of their thread, or after the closing of their case."""

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
    """Make the table and the indexes."""
    for statement in STATEMENTS:
        db.execute_sql(statement)
