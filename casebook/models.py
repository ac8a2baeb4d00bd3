"""Tables and indexes of the book; no behaviour (design section 4)."""

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
    """What all tables share."""

    class Meta:
        database = book
        legacy_table_names = False


class Counter(Row):
    """The last number given out, per name; its row is the lock under which cases are opened."""

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
    settled_at = UtcField(null=True)  # end of the last episode, or reopening: rules count only what came after
    silent_since = UtcField()  # latest of: last message, settled_at
    waiting_since = UtcField(null=True)  # the first customer's message that is not answered
    escalated = FlagField(default=False)
    closed_at = UtcField(null=True)
    closed_by = SafeTextField(null=True)
    assigned_to = SafeTextField(null=True)
    follows = CharField(null=True)  # the closed case in whose thread this one began
    may_belong_to = CharField(null=True)  # the case whose mail its first one answers, without a part in it
    moved_to = CharField(null=True)  # the case that its messages were moved to

    class Meta:
        table_name = "cases"


# One open case per customer, under any race; also finds a customer's open case.
Case.add_index(
    Case.index(
        Case.customer_identifier,
        unique=True,
        name="cases_one_open_per_customer",
        where=SQL("status = 'open'"),
    )
)
# The silence check: what is due, and nothing else.
Case.add_index(Case.index(Case.silent_since, name="cases_silent", where=SQL("status = 'open' AND escalated = false")))
# The case for which a message comes late: it was closed by words that were written after it.
Case.add_index(
    Case.index(Case.customer_identifier, Case.closed_at, name="cases_closed", where=SQL("status = 'closed'"))
)
# Home, lists and counts: what is open among all that was ever closed.
Case.add_index(Case.index(Case.number, name="cases_open", where=SQL("status = 'open'")))


class Message(Row):
    """One thing somebody wrote, stored whole."""

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
    conversation = SafeTextField(null=True)  # a mail's In-Reply-To and References, the nearest first; null: none
    addressed = SafeTextField(null=True)  # a mail's To and Cc; null: none
    reply_to = SafeTextField(null=True)  # where the writer of a mail wants the answer instead
    is_reply_to_safe = FlagField(null=True)  # whether that is as good as the sender's own address
    vouched = FlagField(null=True)  # whether our mail server vouches for the sender; null: nobody was asked
    own_text = SafeTextField(null=True)  # what counts for the rules; null: the same as new_text
    client_message_id = SafeTextField(null=True)  # under which name its writer's client sent it; null: none

    class Meta:
        table_name = "messages"
        indexes = (
            (("source", "external_id"), True),  # nothing twice; finds the case of a conversation
            (("case", "timestamp"), False),  # the rules' count, and a case's history
            (("place", "case"), False),  # the open cases with messages in a channel
        )


# What a client sends twice is one message.
Message.add_index(
    Message.index(Message.client_message_id, name="messages_client", where=SQL("client_message_id IS NOT NULL"))
)


class Version(Row):
    """What a message said before it was edited."""

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
    name = SafeTextField()  # as its sender called it
    content_type = SafeTextField()
    size = BigIntegerField()
    sha256 = CharField(default="")
    state = CharField()  # FileState
    why_not = SafeTextField(default="")
    embedded = FlagField(default=False)  # a small image that the mail's own text shows, such as a logo
    remote_id = CharField(default="")  # Slack's ID of the file, by which it is downloaded
    copy_id = CharField(default="")  # Slack's ID of our copy under the card
    transcript = SafeTextField(null=True)  # what its sender says in a clip; null: not known; empty: none of theirs

    class Meta:
        table_name = "attachments"
        indexes = (
            (("message", "position"), True),  # the files of a message
            (("sha256",), False),  # whether anybody still refers to a kept file
        )


class Thread(Row):
    """A conversation whose first message is not in the book, and the case it belongs to."""

    external_id = SafeTextField(primary_key=True)
    case = ForeignKeyField(Case, column_name="case_id")
    case_id: str

    class Meta:
        table_name = "threads"


class Participant(Row):
    """Somebody who takes part in a case; `stranger` joined without being asked."""

    id = AutoField()
    case = ForeignKeyField(Case, column_name="case_id", index=False)
    case_id: str
    person = SafeTextField()
    stranger = FlagField(default=False)

    class Meta:
        table_name = "participants"
        indexes = ((("case", "person"), True),)


class LedgerRow(Row):
    """One item that reached us, with what became of it."""

    id = AutoField()
    source = CharField()
    external_id = SafeTextField()
    outcome = CharField()
    reason = SafeTextField(default="")
    case = ForeignKeyField(Case, column_name="case_id", null=True, index=False)
    case_id: str | None
    received_at = UtcField()
    digest = CharField(default="")  # Incoming.digest: a known Message-ID with another digest is another message
    raw_bytes = BlobField(column_name="raw", null=True)  # what is quarantined, or waits for an admin's word

    class Meta:
        table_name = "ledger"
        indexes = ((("source", "external_id"), True),)


class Early(Row):
    """A message that arrived before the first of its thread; it waits whole in its ledger row."""

    ledger = ForeignKeyField(LedgerRow, column_name="ledger_id", primary_key=True)
    ledger_id: int
    place = SafeTextField()
    thread = CharField()

    class Meta:
        table_name = "early"
        indexes = ((("place", "thread"), False),)  # what waits for a message that has arrived


class Position(Row):
    """How far a door has been read."""

    door = CharField(primary_key=True)
    value = TextField()
    at = UtcField()

    class Meta:
        table_name = "positions"


class Episode(Row):
    """From the moment a case is escalated until an admin answers, closes or calms it."""

    id = AutoField()
    case = ForeignKeyField(Case, column_name="case_id", backref="episodes")
    case_id: str
    started_at = UtcField()
    triggered_at = UtcField()  # the time of what gave the last reason: only a later answer ends the episode
    ended_at = UtcField(null=True)
    ended_by = SafeTextField(null=True)
    ended_how = CharField(null=True)
    alert = CharField(index=True)  # the post that tells of it; several episodes may share one

    class Meta:
        table_name = "episodes"


# One alert per episode: never two open episodes of one case.
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
    """Something that must be said to the outside: the outbox."""

    id = AutoField()
    key = CharField(unique=True)  # stands in the post's metadata, so that it can be found again after a crash
    case = ForeignKeyField(Case, column_name="case_id", null=True, index=False)
    case_id: str | None
    kind = CharField()
    lane = CharField()  # 'support', 'alerts', 'log', a Slack channel: what must stay in order and paced
    target = CharField(default="")  # what it is about: the post to keep up to date, the message, the ledger row
    payload = SafeTextField(default="{}")
    state = CharField(default="pending")
    attempts = IntegerField(default=0)
    created_at = UtcField()
    due_at = UtcField()
    claimed_until = UtcField(null=True)  # set while somebody delivers it; still set after a crash: perhaps it was said
    burst = CharField(default="")  # the key of the first of those that are said in one post
    sent_at = UtcField(null=True)
    error = SafeTextField(default="")
    look_from = UtcField(null=True)  # by Slack's clock, when it was last tried: there a look-up for it begins

    class Meta:
        table_name = "notices"


# What the courier asks every second: what is due in which lane.
Notice.add_index(Notice.index(Notice.lane, Notice.id, name="notices_due", where=SQL("state IN ('pending', 'failed')")))
# Whether the same update waits already.
Notice.add_index(
    Notice.index(Notice.case, Notice.kind, name="notices_waiting", where=SQL("state IN ('pending', 'failed')"))
)
# Whether something of a case is under way, which what comes after it waits for.
Notice.add_index(
    Notice.index(
        Notice.case,
        Notice.lane,
        Notice.id,
        name="notices_in_hand",
        where=SQL("state IN ('pending', 'failed') AND claimed_until IS NOT NULL"),
    )
)
# Pruning of what was sent, or taken back, long ago.
Notice.add_index(Notice.index(Notice.sent_at, name="notices_sent", where=SQL("state = 'sent'")))
Notice.add_index(Notice.index(Notice.due_at, name="notices_dropped", where=SQL("state = 'dropped'")))


# Whether an answer can still be taken back; when somebody was last told that their message arrived.
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
        indexes = ((("channel", "ts"), False),)  # the case of a card's thread; what was joined into one post


class Event(Row):
    """What happened to a case, and by whom; only ever added to."""

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
    """What only this book knows: a key that was drawn by chance, once."""

    name = CharField(primary_key=True)
    value = TextField()

    class Meta:
        table_name = "secrets"


class Letter(Row):
    """One mail of ours, written before it is sent: what answers it, or comes back from it, finds its case."""

    external_id = SafeTextField(primary_key=True)  # its Message-ID
    case = ForeignKeyField(Case, column_name="case_id", index=False)
    case_id: str
    message = ForeignKeyField(Message, column_name="message_id", null=True, index=False)  # the answer that it carries
    message_id: int | None
    recipients = SafeTextField()
    at = UtcField()

    class Meta:
        table_name = "letters"


class ChannelChange(Row):
    """A channel that Slack has given another ID."""

    old_channel = CharField(primary_key=True)
    new_channel = CharField()  # the one that it has now, after however many changes
    at = UtcField()

    class Meta:
        table_name = "channel_changes"


class LeftOutApp(Row):
    """An app whose posts are left out, of which the team was told."""

    app_id = CharField(primary_key=True)
    at = UtcField()

    class Meta:
        table_name = "left_out_apps"


TABLES = (
    Counter, Case, Message, Version, Attachment, Thread, Participant, LedgerRow, Early, Position, Episode, ReasonRow,
    Notice, Post, Event, Secret, Letter, ChannelChange, LeftOutApp,
)  # fmt: skip
