"""Create the first schema: cases, messages, ledger, episodes, outbox."""

from typing import Any

STATEMENTS = (
    """CREATE TABLE counters (
        name VARCHAR(255) NOT NULL PRIMARY KEY,
        value INTEGER NOT NULL
    )""",
    """CREATE TABLE cases (
        case_id VARCHAR(255) NOT NULL PRIMARY KEY,
        number INTEGER NOT NULL,
        customer_identifier TEXT NOT NULL,
        customer_name TEXT NOT NULL,
        source VARCHAR(255) NOT NULL,
        subject TEXT NOT NULL,
        status VARCHAR(255) NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        last_message_at TIMESTAMPTZ NOT NULL,
        message_count INTEGER NOT NULL,
        answered_at TIMESTAMPTZ,
        settled_at TIMESTAMPTZ,
        silent_since TIMESTAMPTZ NOT NULL,
        waiting_since TIMESTAMPTZ,
        escalated BOOLEAN NOT NULL,
        closed_at TIMESTAMPTZ,
        closed_by TEXT,
        assigned_to TEXT,
        follows VARCHAR(255)
    )""",
    "CREATE UNIQUE INDEX cases_number ON cases (number)",
    "CREATE UNIQUE INDEX cases_one_open_per_customer ON cases (customer_identifier) WHERE status = 'open'",
    "CREATE INDEX cases_silent ON cases (silent_since) WHERE status = 'open' AND escalated = false",
    "CREATE INDEX cases_open ON cases (number) WHERE status = 'open'",
    """CREATE TABLE messages (
        id {serial},
        case_id VARCHAR(255) NOT NULL,
        sender TEXT NOT NULL,
        sender_name TEXT NOT NULL,
        is_admin BOOLEAN NOT NULL,
        kind VARCHAR(255) NOT NULL,
        standing VARCHAR(255) NOT NULL,
        body TEXT NOT NULL,
        new_text TEXT,
        subject TEXT NOT NULL,
        timestamp TIMESTAMPTZ NOT NULL,
        source VARCHAR(255) NOT NULL,
        external_id TEXT NOT NULL,
        place TEXT NOT NULL,
        thread VARCHAR(255) NOT NULL,
        cut BOOLEAN NOT NULL,
        edited_at TIMESTAMPTZ,
        deleted_at TIMESTAMPTZ,
        FOREIGN KEY (case_id) REFERENCES cases (case_id)
    )""",
    "CREATE UNIQUE INDEX messages_source_external_id ON messages (source, external_id)",
    "CREATE INDEX messages_case_id_timestamp ON messages (case_id, timestamp)",
    "CREATE INDEX messages_place_case_id ON messages (place, case_id)",
    """CREATE TABLE versions (
        id {serial},
        message_id INTEGER NOT NULL,
        at TIMESTAMPTZ NOT NULL,
        body TEXT NOT NULL,
        FOREIGN KEY (message_id) REFERENCES messages (id)
    )""",
    "CREATE INDEX versions_message_id ON versions (message_id)",
    """CREATE TABLE threads (
        external_id TEXT NOT NULL PRIMARY KEY,
        case_id VARCHAR(255) NOT NULL,
        FOREIGN KEY (case_id) REFERENCES cases (case_id)
    )""",
    "CREATE INDEX threads_case_id ON threads (case_id)",
    """CREATE TABLE participants (
        id {serial},
        case_id VARCHAR(255) NOT NULL,
        person TEXT NOT NULL,
        stranger BOOLEAN NOT NULL,
        FOREIGN KEY (case_id) REFERENCES cases (case_id)
    )""",
    "CREATE UNIQUE INDEX participants_case_id_person ON participants (case_id, person)",
    """CREATE TABLE ledger (
        id {serial},
        source VARCHAR(255) NOT NULL,
        external_id TEXT NOT NULL,
        outcome VARCHAR(255) NOT NULL,
        reason TEXT NOT NULL,
        case_id VARCHAR(255),
        received_at TIMESTAMPTZ NOT NULL,
        digest VARCHAR(255) NOT NULL,
        raw {blob},
        FOREIGN KEY (case_id) REFERENCES cases (case_id)
    )""",
    "CREATE UNIQUE INDEX ledger_source_external_id ON ledger (source, external_id)",
    """CREATE TABLE positions (
        door VARCHAR(255) NOT NULL PRIMARY KEY,
        value TEXT NOT NULL,
        at TIMESTAMPTZ NOT NULL
    )""",
    """CREATE TABLE episodes (
        id {serial},
        case_id VARCHAR(255) NOT NULL,
        started_at TIMESTAMPTZ NOT NULL,
        triggered_at TIMESTAMPTZ NOT NULL,
        ended_at TIMESTAMPTZ,
        ended_by TEXT,
        ended_how VARCHAR(255),
        alert VARCHAR(255) NOT NULL,
        FOREIGN KEY (case_id) REFERENCES cases (case_id)
    )""",
    "CREATE INDEX episodes_case_id ON episodes (case_id)",
    "CREATE INDEX episodes_alert ON episodes (alert)",
    "CREATE UNIQUE INDEX episodes_one_open_per_case ON episodes (case_id) WHERE ended_at IS NULL",
    """CREATE TABLE reasons (
        id {serial},
        episode_id INTEGER NOT NULL,
        at TIMESTAMPTZ NOT NULL,
        kind VARCHAR(255) NOT NULL,
        evidence TEXT NOT NULL,
        FOREIGN KEY (episode_id) REFERENCES episodes (id)
    )""",
    "CREATE INDEX reasons_episode_id ON reasons (episode_id)",
    """CREATE TABLE notices (
        id {serial},
        key VARCHAR(255) NOT NULL,
        case_id VARCHAR(255),
        kind VARCHAR(255) NOT NULL,
        lane VARCHAR(255) NOT NULL,
        target VARCHAR(255) NOT NULL,
        payload TEXT NOT NULL,
        state VARCHAR(255) NOT NULL,
        attempts INTEGER NOT NULL,
        created_at TIMESTAMPTZ NOT NULL,
        due_at TIMESTAMPTZ NOT NULL,
        claimed_until TIMESTAMPTZ,
        burst VARCHAR(255) NOT NULL,
        sent_at TIMESTAMPTZ,
        error TEXT NOT NULL,
        FOREIGN KEY (case_id) REFERENCES cases (case_id)
    )""",
    "CREATE UNIQUE INDEX notices_key ON notices (key)",
    "CREATE INDEX notices_due ON notices (lane, due_at) WHERE state IN ('pending', 'failed')",
    "CREATE INDEX notices_waiting ON notices (case_id, kind) WHERE state IN ('pending', 'failed')",
    "CREATE INDEX notices_sent ON notices (sent_at) WHERE state = 'sent'",
    """CREATE TABLE posts (
        key VARCHAR(255) NOT NULL PRIMARY KEY,
        case_id VARCHAR(255),
        channel VARCHAR(255) NOT NULL,
        ts VARCHAR(255) NOT NULL,
        FOREIGN KEY (case_id) REFERENCES cases (case_id)
    )""",
    "CREATE INDEX posts_case_id ON posts (case_id)",
    "CREATE INDEX posts_channel_ts ON posts (channel, ts)",
    """CREATE TABLE events (
        id {serial},
        case_id VARCHAR(255) NOT NULL,
        at TIMESTAMPTZ NOT NULL,
        actor TEXT NOT NULL,
        kind VARCHAR(255) NOT NULL,
        detail TEXT NOT NULL,
        FOREIGN KEY (case_id) REFERENCES cases (case_id)
    )""",
    "CREATE INDEX events_case_id ON events (case_id)",
    "INSERT INTO counters (name, value) VALUES ('cases', 0)",
)


def up(migrator: Any, db: Any) -> None:  # noqa: ARG001 - playhouse.migrations calls it so
    """Create every table and index."""
    postgresql = "SERIAL" in db.field_types.values()
    types = {
        "serial": "SERIAL NOT NULL PRIMARY KEY" if postgresql else "INTEGER NOT NULL PRIMARY KEY",
        "blob": "BYTEA" if postgresql else "BLOB",
    }
    for statement in STATEMENTS:
        db.execute_sql(statement.format(**types))
