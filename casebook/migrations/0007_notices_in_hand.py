"""Add indexes that find the next due notice, and the claimed notices of a case, in a long outbox."""

from typing import Any


def up(migrator: Any, db: Any) -> None:  # noqa: ARG001 - playhouse.migrations calls it so
    """Replace one index and create another."""
    db.execute_sql("DROP INDEX notices_due")
    db.execute_sql("CREATE INDEX notices_due ON notices (lane, id) WHERE state IN ('pending', 'failed')")
    db.execute_sql(
        "CREATE INDEX notices_in_hand ON notices (case_id, lane, id)"
        " WHERE state IN ('pending', 'failed') AND claimed_until IS NOT NULL"
    )
