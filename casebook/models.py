"""Tables and indexes of the database; no behaviour (design section 4)."""

from peewee import (
    SQL,
    AutoField,
    BigIntegerField,
    BlobField,
    CharField,
    DatabaseProxy,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)

from casebook.storage.fields import FlagField, SafeTextField, UtcField

book = DatabaseProxy()


class Row(Model):
    """The base of all tables."""

    class Meta:
        database = book
        legacy_table_names = False


class Counter(Row):
    """The last number assigned, per name; its row is the lock under which cases are opened."""

    name = CharField(primary_key=True)
    value = IntegerField(default=0)

    class Meta:
        table_name = "counters"


class Case(Row):
    """One conversation with one customer."""

    case_id = CharField(primary_key=True)
    number = IntegerField(unique=True)
    customer_identifier = SafeTextField()
    customer_name = SafeTextField(default="")
    source = CharField()
    subject = SafeTextField(default="")
    status = CharField(default="open")
    created_at = UtcField()
    last_message_at = UtcField()
    message_count = IntegerField(default=0)
    answered_at = UtcField(null=True)  # the latest answer of an admin
    settled_at = UtcField(null=True)  # end of the last episode, or reopening: the rules count what came after it
    silent_since = UtcField()  # latest of: last message, settled_at
    waiting_since = UtcField(null=True)  # when the first unanswered customer message was written
    escalated = FlagField(default=False)
    closed_at = UtcField(null=True)
    closed_by = SafeTextField(null=True)
    assigned_to = SafeTextField(null=True)
    follows = CharField(null=True)  # the closed case in whose thread this one began
    may_belong_to = CharField(
        null=True
    )  # the case whose email its first message answers, although its writer takes no part
    moved_to = CharField(null=True)  # the case that its messages were moved to

    class Meta:
        table_name = "cases"


# Allows one open case per customer, under any race; also finds a customer's open case.
Case.add_index(
    Case.index(
        Case.customer_identifier,
        unique=True,
        name="cases_one_open_per_customer",
        where=SQL("status = 'open'"),
    )
)
# The silence check: finds the cases that are due, and no others.
Case.add_index(Case.index(Case.silent_since, name="cases_silent", where=SQL("status = 'open' AND escalated = false")))
# Finds the case of a message that arrives after the case was closed, but was written before that.
Case.add_index(
    Case.index(Case.customer_identifier, Case.closed_at, name="cases_closed", where=SQL("status = 'closed'"))
)
# Home, lists and counts: finds the open cases among all that were ever closed.
Case.add_index(Case.index(Case.number, name="cases_open", where=SQL("status = 'open'")))


class Message(Row):
    """One thing that a person wrote, stored in full."""

    id = AutoField()
    case = ForeignKeyField(Case, column_name="case_id", backref="messages", index=False)
    case_id: str
    sender = SafeTextField()
    sender_name = SafeTextField(default="")
    is_admin = FlagField()
    kind = CharField()  # 'message' or 'note'
    standing = CharField()  # Standing: what it counts as
    body = SafeTextField()
    new_text = SafeTextField(null=True)  # null: the same as body
    subject = SafeTextField(default="")
    timestamp = UtcField()
    source = CharField()
    external_id = SafeTextField()
    place = SafeTextField(default="")
    thread = CharField(default="")
    cut = FlagField(default=False)
    edited_at = UtcField(null=True)
    deleted_at = UtcField(null=True)
    conversation = SafeTextField(null=True)  # an email's In-Reply-To and References, the nearest first; null: none
    addressed = SafeTextField(null=True)  # an email's To and Cc; null: none
    reply_to = SafeTextField(null=True)  # an email's Reply-To address
    is_reply_to_safe = FlagField(null=True)  # whether it is as trustworthy as the sender's address
    vouched = FlagField(null=True)  # whether our mail server authenticated the sender; null: not checked
    own_text = SafeTextField(null=True)  # the text for the rules; null: the same as new_text
    client_message_id = SafeTextField(null=True)  # the ID that the sender's Slack client gave it; null: none

    class Meta:
        table_name = "messages"
        indexes = (
            (("source", "external_id"), True),  # nothing is stored twice; finds the case of a conversation
            (("case", "timestamp"), False),  # the rules' count, and a case's history
            (("place", "case"), False),  # the open cases with messages in a channel
        )


# Finds the first copy of a message that a client sent twice.
Message.add_index(
    Message.index(Message.client_message_id, name="messages_client", where=SQL("client_message_id IS NOT NULL"))
)


class Version(Row):
    """An earlier text of a message, from before an edit."""

    id = AutoField()
    message = ForeignKeyField(Message, backref="versions")
    at = UtcField()
    body = SafeTextField()

    class Meta:
        table_name = "versions"


class Attachment(Row):
    """A file that came with a message; its bytes are in the folder for attachments, under their SHA-256."""

    id = AutoField()
    message = ForeignKeyField(Message, backref="attachments", index=False)
    message_id: int
    position = IntegerField()  # 1 is the first
    name = SafeTextField()  # as its sender named it
    content_type = SafeTextField()
    size = BigIntegerField()
    sha256 = CharField(default="")
    state = CharField()  # FileState
    why_not = SafeTextField(default="")
    embedded = FlagField(default=False)  # a small image that the email's own text shows, such as a logo
    remote_id = CharField(default="")  # Slack's ID of the file, used to download it
    copy_id = CharField(default="")  # Slack's ID of our copy under the card
    transcript = SafeTextField(null=True)  # what its sender says in a clip; null: unknown; empty: there will be none

    class Meta:
        table_name = "attachments"
        indexes = (
            (("message", "position"), True),  # the files of a message
            (("sha256",), False),  # whether any message refers to a stored file
        )


class Thread(Row):
    """A conversation whose first message is not in the database, and the case it belongs to."""

    external_id = SafeTextField(primary_key=True)
    case = ForeignKeyField(Case, column_name="case_id")
    case_id: str

    class Meta:
        table_name = "threads"


class Participant(Row):
    """A person who takes part in a case; a `stranger` joined without being invited."""

    id = AutoField()
    case = ForeignKeyField(Case, column_name="case_id", index=False)
    case_id: str
    person = SafeTextField()
    stranger = FlagField(default=False)

    class Meta:
        table_name = "participants"
        indexes = ((("case", "person"), True),)


class LedgerRow(Row):
    """One item that arrived, with its outcome."""

    id = AutoField()
    source = CharField()
    external_id = SafeTextField()
    outcome = CharField()
    reason = SafeTextField(default="")
    case = ForeignKeyField(Case, column_name="case_id", null=True, index=False)
    case_id: str | None
    received_at = UtcField()
    digest = CharField(default="")  # Incoming.digest: a known Message-ID with another digest is a separate message
    raw_bytes = BlobField(column_name="raw", null=True)  # the content of an item in quarantine, or of a waiting message

    class Meta:
        table_name = "ledger"
        indexes = ((("source", "external_id"), True),)


class Early(Row):
    """A message that arrived before the first one of its thread; it waits, in full, in its ledger row."""

    ledger = ForeignKeyField(LedgerRow, column_name="ledger_id", primary_key=True)
    ledger_id: int
    place = SafeTextField()
    thread = CharField()

    class Meta:
        table_name = "early"
        indexes = ((("place", "thread"), False),)  # finds what waits for a message that has arrived


class Position(Row):
    """The position up to which a door has been read."""

    door = CharField(primary_key=True)
    value = TextField()
    at = UtcField()

    class Meta:
        table_name = "positions"


class Episode(Row):
    """The time from the escalation of a case until an admin answers, closes or calms it."""

    id = AutoField()
    case = ForeignKeyField(Case, column_name="case_id", backref="episodes")
    case_id: str
    started_at = UtcField()
    triggered_at = UtcField()  # when the last reason arose: only a later answer ends the episode
    ended_at = UtcField(null=True)
    ended_by = SafeTextField(null=True)
    ended_how = CharField(null=True)
    alert = CharField(index=True)  # the key of the post that shows it; several episodes may share one

    class Meta:
        table_name = "episodes"


# One alert per episode: a case never has two open episodes.
Episode.add_index(
    Episode.index(Episode.case, unique=True, name="episodes_one_open_per_case", where=SQL("ended_at IS NULL"))
)


class ReasonRow(Row):
    """One reason of an episode, with its evidence."""

    id = AutoField()
    episode = ForeignKeyField(Episode, backref="reasons")
    at = UtcField()
    kind = CharField()
    evidence = SafeTextField()

    class Meta:
        table_name = "reasons"


class Notice(Row):
    """One thing to send or update outside: a row of the outbox."""

    id = AutoField()
    key = CharField(unique=True)  # stored in the post's metadata, so that the post can be found again after a crash
    case = ForeignKeyField(Case, column_name="case_id", null=True, index=False)
    case_id: str | None
    kind = CharField()
    lane = CharField()  # a queue that keeps order and pace: 'support', 'alerts', 'log', 'mail' or a Slack channel
    target = CharField(default="")  # the post to keep up to date, or the message or ledger row it is about
    payload = SafeTextField(default="{}")
    state = CharField(default="pending")
    attempts = IntegerField(default=0)
    created_at = UtcField()
    due_at = UtcField()
    claimed_until = UtcField(null=True)  # set during a delivery; if a crash leaves it set, the outcome is uncertain
    burst = CharField(default="")  # the key of the first notice in a post that several share
    sent_at = UtcField(null=True)
    error = SafeTextField(default="")
    look_from = UtcField(null=True)  # when it was last tried, by Slack's clock: the search for its post starts there

    class Meta:
        table_name = "notices"


# The courier's query, every second: what is due in which lane.
Notice.add_index(Notice.index(Notice.lane, Notice.id, name="notices_due", where=SQL("state IN ('pending', 'failed')")))
# Whether the same update is pending already.
Notice.add_index(
    Notice.index(Notice.case, Notice.kind, name="notices_waiting", where=SQL("state IN ('pending', 'failed')"))
)
# Whether a delivery for a case is under way, so that later ones wait for it.
Notice.add_index(
    Notice.index(
        Notice.case,
        Notice.lane,
        Notice.id,
        name="notices_in_hand",
        where=SQL("state IN ('pending', 'failed') AND claimed_until IS NOT NULL"),
    )
)
# Deletes what was sent or dropped long ago.
Notice.add_index(Notice.index(Notice.sent_at, name="notices_sent", where=SQL("state = 'sent'")))
Notice.add_index(Notice.index(Notice.due_at, name="notices_dropped", where=SQL("state = 'dropped'")))


# Whether an answer can still be taken back; when a customer's message was last acknowledged.
Notice.add_index(Notice.index(Notice.target, name="notices_target"))


class Post(Row):
    """A post of ours that is kept up to date: 'card:CASE-0001', 'alert:...', 'message:17'."""

    key = CharField(primary_key=True)
    case = ForeignKeyField(Case, column_name="case_id", null=True)
    case_id: str | None
    channel = CharField()
    ts = CharField()

    class Meta:
        table_name = "posts"
        indexes = ((("channel", "ts"), False),)  # the case of a card's thread; the messages joined into one post


class Event(Row):
    """What happened to a case, and who did it; rows are only added."""

    id = AutoField()
    case = ForeignKeyField(Case, column_name="case_id")
    case_id: str
    at = UtcField()
    actor = SafeTextField()
    kind = CharField()
    detail = SafeTextField(default="")

    class Meta:
        table_name = "events"


class Secret(Row):
    """A random key that only this database knows; generated once."""

    name = CharField(primary_key=True)
    value = TextField()

    class Meta:
        table_name = "secrets"


class Letter(Row):
    """One email of ours, stored before it is sent: replies to it and bounces find their case by it."""

    external_id = SafeTextField(primary_key=True)  # its Message-ID
    case = ForeignKeyField(Case, column_name="case_id", index=False)
    case_id: str
    message = ForeignKeyField(Message, column_name="message_id", null=True, index=False)  # the answer that it contains
    message_id: int | None
    recipients = SafeTextField()
    at = UtcField()

    class Meta:
        table_name = "letters"


class ChannelChange(Row):
    """A channel whose ID Slack has changed."""

    old_channel = CharField(primary_key=True)
    new_channel = CharField()  # the current ID, after any number of changes
    at = UtcField()

    class Meta:
        table_name = "channel_changes"


class LeftOutApp(Row):
    """An app whose posts are ignored; the team has been informed of it."""

    app_id = CharField(primary_key=True)
    at = UtcField()

    class Meta:
        table_name = "left_out_apps"


TABLES = (
    Counter, Case, Message, Version, Attachment, Thread, Participant, LedgerRow, Early, Position, Episode, ReasonRow,
    Notice, Post, Event, Secret, Letter, ChannelChange, LeftOutApp,
)  # fmt: skip
