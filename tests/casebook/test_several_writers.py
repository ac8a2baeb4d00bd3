"""Several processes write to one database at once: nothing fails, and the invariants of a case always hold."""

import random
from dataclasses import replace
from datetime import timedelta

from peewee import fn

from casebook import database, notices
from casebook.cases import calm_case
from casebook.errors import CasebookError
from casebook.incoming import Standing
from casebook.models import Case, Episode, LedgerRow, Message, Notice
from casebook.outbound import corrections, replies
from fixtures.cast import ANNA, SUPPORT

WRITERS = 4
ROUNDS = 40


class Writer:
    """One process: performs random operations on two customers' cases, and records unexpected errors."""

    def __init__(self, book, number, known):
        self.book = book
        self.chance = random.Random(number)
        self.customers = [said.sender for said in known]
        self.known = known  # messages that every writer edits, deletes and receives again
        self.surprises = []
        self.done = {}

    def write(self):
        """Perform one operation per round; a CasebookError is an expected answer, everything else is recorded."""
        acts = [
            self.customer, self.customer, self.admin, self.close, self.reopen, self.edit, self.delete, self.again,
            self.answer, self.take_back, self.deliver, self.escalate, self.calm, self.check,
        ]  # fmt: skip
        for _ in range(ROUNDS):
            act = self.chance.choice(acts)
            try:
                act()
                self.done[act.__name__] = self.done.get(act.__name__, 0) + 1
            except CasebookError as error:
                if not error.permanent:
                    self.surprises.append(f"{act.__name__}: {error}")
            except Exception as error:  # noqa: BLE001 - every kind of error is reported to the test
                self.surprises.append(f"{act.__name__}: {error!r}")

    @property
    def _case(self):
        """The latest case of one of the two customers."""
        customer = self.chance.choice(self.customers)
        query = Case.select().where(Case.customer_identifier == customer).order_by(Case.number.desc())
        return str(query.first().case_id)

    def customer(self):
        said = self.book.message(self.chance.choice(("hm", "urgent")), self.chance.choice(self.customers))
        self.known.append(said)
        self.book.receive(said, self.book.hours(1))

    def admin(self):
        text = self.chance.choice(("We are on it", "I'm closing this case."))
        number = int(self._case.rpartition("-")[2])
        said = self.book.message(text, ANNA.user_id, standing=Standing.ADMIN, cases_named=(number,))
        self.book.receive(said, self.book.hours(1))

    def close(self):
        self.book.close(self._case)

    def reopen(self):
        self.book.reopen(self._case)

    def escalate(self):
        self.book.escalate(self._case)

    def calm(self):
        database.work(lambda: calm_case(self._case, by=ANNA.user_id, now=self.book.hours(1)))

    def check(self):
        self.book.check_silence(self.book.hours(50))

    def edit(self):
        said = self.chance.choice(self.known)
        changed = replace(
            said, body=f"edited {self.chance.random()}", edited_at=self.book.minutes(self.chance.random())
        )
        database.work(lambda: corrections.edit(changed, now=self.book.hours(1), limits=self.book.limits))

    def delete(self):
        if self.chance.random() < 0.3:
            self.book.delete(self.chance.choice(self.known), self.book.hours(1))

    def again(self):
        self.book.receive(self.chance.choice(self.known), self.book.hours(1))

    def answer(self):
        number = int(self._case.rpartition("-")[2])
        drafted = self.book.message("Try now", ANNA.user_id, place=SUPPORT.channel_id, cases_named=(number,))
        at, undo = self.book.hours(1), timedelta()
        database.work(lambda: replies.draft(drafted, now=at, undo=undo, limits=self.book.limits))

    def take_back(self):
        waiting = Notice.select().where((Notice.kind == "answer") & (Notice.state == "pending")).first()
        if waiting is not None:
            message = int(waiting.target.partition(":")[2])
            database.work(lambda: replies.take_back(message, by=ANNA.user_id, now=self.book.hours(1)))

    def deliver(self):
        for lane in (notices.SUPPORT, notices.ALERTS, notices.LOG, "C0SHARED1"):
            claimed = self.book.claim(lane)
            if claimed is not None and claimed.items[0].kind == "answer":
                self.book.answer_sent(claimed, self.book.hours(1))
            elif claimed is not None:
                self.book.sent(claimed)


def deadlocks():
    """How often PostgreSQL aborted an operation on this database because of a deadlock."""
    asked = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    return Case._meta.database.execute_sql(asked).fetchone()[0]


def check(book):
    """Check the invariants of every case."""
    opened = Case.select(Case.customer_identifier).where(Case.status == "open")
    assert len({row.customer_identifier for row in opened}) == len(opened)
    for case in Case.select():
        counted = Message.select().where((Message.case == case) & (Message.kind == "message")).count()
        running = [row for row in book.episodes(case.case_id) if row.ended_at is None]
        assert case.message_count == counted
        assert len(running) == int(case.escalated)
        assert not (case.status == "closed" and case.escalated)
    for table in (Message, LedgerRow):
        assert table.select().count() == table.select(fn.COUNT(fn.DISTINCT(table.external_id))).scalar()
    alerts = [row.target for row in Notice.select().where((Notice.kind == "alert") & (Notice.state == "pending"))]
    assert len(alerts) == len(set(alerts))
    assert Episode.select(fn.COUNT(fn.DISTINCT(Episode.alert))).scalar() <= Episode.select().count()


def test_four_processes_that_do_everything_at_once_to_two_cases_get_no_error(postgresql_book):
    book = postgresql_book
    first, second = book.message(sender="U0TWIN0001"), book.message(sender="U0TWIN0002")
    for said in (first, second):
        book.receive(said)
    book.say_all(book.minutes(30))
    writers = [Writer(book, number, [first, second]) for number in range(WRITERS)]

    before = deadlocks()

    book.at_once(*[writer.write for writer in writers])

    assert [surprise for writer in writers for surprise in writer.surprises] == []
    assert deadlocks() == before
    check(book)
