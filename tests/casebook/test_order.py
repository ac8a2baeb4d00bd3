"""A case comes out the same in whatever order its messages, edits, deletions and closings arrive (design 3.4, 4).

What is compared: state, counts, times, subject, the messages in their order, and whether the case is escalated.
What cannot be the same, and is compared otherwise:

* How many episodes there were: what an answer came too late to prevent was alerted, and ended when it came.
* Whether the case is escalated, where messages were deleted: an alert stays that a deleted message gave.
* Whether it is escalated, where urgent words were edited away before we heard of them: nobody is alerted then.
* A message whose deletion came first is never taken in: the case is the one without it.
* Words that close and that the customer wrote after: in the order of writing they leave a closed case and a new one,
  arriving late they close nothing. Nobody who waits is forgotten.
"""

from contextlib import contextmanager
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casebook import database
from casebook.incoming import Standing
from casebook.models import Case, Early, Message, book
from casebook.outbound import corrections
from fixtures.cast import ANNA

SLOW = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}
COMPARED = (
    "status", "message_count", "created_at", "last_message_at", "waiting_since", "answered_at", "silent_since",
    "closed_at", "closed_by", "subject", "escalated",
)  # fmt: skip
CLOSE = "Done. I'm closing this case."


@dataclass(frozen=True)
class Step:
    """One event in Slack: a message, or an edit or deletion of the message at that index."""

    kind: str
    of: int = 0
    in_thread: bool = True


@dataclass(frozen=True)
class Story:
    """A sequence of events one minute apart, and the order in which they arrive."""

    steps: tuple[Step, ...]
    arrival: tuple[int, ...]


@st.composite
def stories(draw, *, also=(), closing=False):
    """A customer's first message, followed by any events."""
    steps = [Step("question", in_thread=False)]
    for _ in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from(("question", "question", "urgent", "answer", "note", "edit", "urgent edit", *also)))
        gone = {step.of for step in steps if step.kind == "delete"} | ({0} if kind == "delete" else set())
        asked = [at for at, step in enumerate(steps) if step.kind in ("question", "urgent")]
        written = [at for at in asked if at not in gone]
        if kind in ("edit", "urgent edit", "delete"):
            if written:
                steps.append(Step(kind, of=draw(st.sampled_from(written))))
        else:
            steps.append(Step(kind, in_thread=kind != "question" or draw(st.booleans())))
    if closing:
        at = draw(st.integers(1, len(steps)))
        after = [
            step for step in steps[at:] if step.kind in ("question", "urgent") or (step.of < at and "edit" in step.kind)
        ]
        moved = [replace(step, of=step.of + (step.of >= at)) for step in after]
        steps = [*steps[:at], Step(draw(st.sampled_from(("closing answer", "closing note")))), *moved]
    return Story(tuple(steps), tuple(draw(st.permutations(range(len(steps))))))


TEXTS = {"question": "hm", "urgent": "urgent", "answer": "We are on it", "note": "odd", "closing answer": CLOSE}
STANDINGS = {
    "answer": Standing.ADMIN, "closing answer": Standing.ADMIN, "note": Standing.NOTE, "closing note": Standing.NOTE
}  # fmt: skip


@contextmanager
def tried():
    """Roll back everything an example writes: each starts with an empty database, and nothing waits for the disk."""
    with book.atomic() as transaction:
        yield
        transaction.rollback()


class Teller:
    """Feeds a story to casebook, for a customer of its own."""

    def __init__(self, told):
        self.book = told
        self.customer = f"U0{next(told.numbers):07d}"

    def written(self, steps):
        """What the door hands over for each step."""
        told, messages = self.book, {}
        urgent = {at for at, step in enumerate(steps) if step.kind == "urgent"}
        root = told.message("hm", self.customer, at=told.minutes(0))
        for minute, step in enumerate(steps):
            if step.kind in ("edit", "urgent edit"):
                # An escalation is not undone, so urgent words that are edited away before they arrive cause no alert.
                urgent |= {step.of} if step.kind == "urgent edit" else set()
                text = f"{'urgent' if step.of in urgent else 'hm'}, edited at {minute}"
                edit = {"body": text, "new_text": text, "edited_at": told.minutes(minute)}
                messages[minute] = replace(messages[step.of], **edit)
            elif step.kind == "delete":
                messages[minute] = messages[step.of]
            else:
                standing = STANDINGS.get(step.kind, Standing.CUSTOMER)
                sender = self.customer if standing is Standing.CUSTOMER else ANNA.user_id
                text = TEXTS.get(step.kind, CLOSE)
                thread = {"thread": root.thread, "conversation": (root.external_id,)} if step.in_thread else {}
                said = told.message(text, sender, standing=standing, at=told.minutes(minute), **thread)
                messages[minute] = said if minute else root
        return messages

    def tell(self, steps, arrival, again=()):
        """Let the steps arrive in this order at one moment, some of them again; returns the customer's cases."""
        messages = self.written(steps)
        for index in arrival:
            self._hand_over(steps[index], messages[index])
        before = self.book.snapshot() if again else None
        for index in again:
            self._hand_over(steps[index], messages[index])
        assert not again or self.book.snapshot() == before
        return list(Case.select().where(Case.customer_identifier == self.customer).order_by(Case.number))

    def _hand_over(self, step, said):
        told, now = self.book, self.book.hours(1)
        if step.kind in ("edit", "urgent edit"):
            database.work(lambda: corrections.edit(said, now=now, limits=told.limits))
        elif step.kind == "delete":
            told.delete(said, now)
        else:
            told.receive(said, now)


def facts(case, *, but=()):
    """Everything about a case that is compared."""
    rows = Message.select().where(Message.case == case).order_by(Message.timestamp, Message.id)
    if case.status == "closed":
        but = (*but, "silent_since")  # counts from the reopening
    shown = {name: getattr(case, name) for name in COMPARED if name not in but}
    said = [
        (row.timestamp, row.body, row.standing, row.deleted_at is None, None if row.deleted_at else row.edited_at)
        for row in rows
    ]
    return shown | {"messages": said}


def check_alerts(told, case):
    """Check: one alert for each episode, at most one open episode, and the case says whether there is one."""
    episodes = told.episodes(case.case_id)
    alerts = [notice.target for notice in told.notices("alert", case.case_id)]
    assert len({episode.alert for episode in episodes}) == len(episodes) == len(set(alerts))
    assert len([episode for episode in episodes if episode.ended_at is None]) == int(case.escalated)


def as_heard(story):
    """The story without the messages that were deleted before they arrived."""
    heard, gone = set(), set()
    for index in story.arrival:
        step = story.steps[index]
        about = step.of if step.kind in ("edit", "urgent edit", "delete") else index
        if step.kind == "delete" and about not in heard:
            gone.add(about)
        heard.add(about)
    return [at for at, step in enumerate(story.steps) if at not in gone and (step.of not in gone or step.of == 0)]


@given(story=stories())
@settings(max_examples=15, **SLOW)
def test_a_case_is_the_same_in_whatever_order_its_messages_and_edits_arrive(sqlite_book, story):
    with tried():
        (written,) = Teller(sqlite_book).tell(story.steps, range(len(story.steps)))
        (arrived,) = Teller(sqlite_book).tell(story.steps, story.arrival)

        assert facts(arrived) == facts(written)
        assert Early.select().count() == 0
        check_alerts(sqlite_book, arrived)


@given(story=stories(also=("delete",)))
@settings(max_examples=15, **SLOW)
def test_a_case_is_the_same_in_whatever_order_deletions_arrive(sqlite_book, story):
    with tried():
        (written,) = Teller(sqlite_book).tell(story.steps, as_heard(story))
        (arrived,) = Teller(sqlite_book).tell(story.steps, story.arrival)

        assert facts(arrived, but=("escalated",)) == facts(written, but=("escalated",))
        check_alerts(sqlite_book, arrived)


@given(story=stories(closing=True))
@settings(max_examples=15, **SLOW)
def test_a_closing_that_arrives_in_any_order_closes_the_same_and_forgets_nobody(sqlite_book, story):
    with tried():
        written = Teller(sqlite_book).tell(story.steps, range(len(story.steps)))
        arrived = Teller(sqlite_book).tell(story.steps, story.arrival)

        if len(written) == 1:
            assert [facts(case) for case in arrived] == [facts(case) for case in written]
        else:
            assert arrived[-1].status == "open"
            assert arrived[-1].waiting_since is None or arrived[-1].waiting_since <= written[-1].waiting_since
            assert arrived[-1].last_message_at == written[-1].last_message_at
        assert len([case for case in arrived if case.status == "open"]) <= 1
        for case in arrived:
            check_alerts(sqlite_book, case)


@given(story=stories(also=("delete",), closing=True), chance=st.randoms(use_true_random=False))
@settings(max_examples=15, **SLOW)
def test_whatever_is_delivered_again_at_any_later_time_changes_nothing(sqlite_book, story, chance):
    again = [chance.choice(story.arrival) for _ in range(10)]

    with tried():
        cases = Teller(sqlite_book).tell(story.steps, story.arrival, again)

        assert cases


@given(story=stories())
@settings(max_examples=5, **SLOW)
def test_a_case_is_the_same_in_any_order_on_postgresql_too(postgresql_book, story):
    with tried():
        (written,) = Teller(postgresql_book).tell(story.steps, range(len(story.steps)))
        (arrived,) = Teller(postgresql_book).tell(story.steps, story.arrival)

        assert facts(arrived) == facts(written)
