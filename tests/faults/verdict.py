"""The checker: compares what users saw with what the database holds, and lists every difference."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from fixtures.cast import ALERTS, LOG, SUPPORT
from tests.faults.inputs import TOKEN, Input, Kind
from tests.faults.inside import Inside
from tests.faults.outside import STAFF, Outside

_CLOSED = re.compile(r"Case #(CASE-\d+) closed at")
_FROM_CUSTOMERS = (Kind.QUESTION, Kind.MAIL)
_SPOKEN = ("customer", "admin", "claim")  # the standings of messages that can be on a card


class Promise(StrEnum):
    """The promise that a fault breaks."""

    LOST = "acknowledged and lost"
    TWICE = "stored twice"
    NEVER = "never taken in"
    CHANGE = "edit or deletion not followed"
    ALERT = "alert"
    CLOSING = "closing"
    ANSWER = "answer"
    CARD = "card"
    POST = "post said twice or never"
    WAITING = "notice left waiting"


@dataclass(frozen=True, slots=True)
class Fault:
    """One difference, in a sentence."""

    promise: Promise
    what: str

    def __str__(self) -> str:
        return f"{self.promise}: {self.what}"


def find_faults(
    outside: Outside, inside: Inside, written: Mapping[str, Input], alone: frozenset[str] = frozenset()
) -> list[Fault]:
    """All faults; nobody answers the customers in `alone`, so each of them has at most one episode."""
    checks = (
        _inputs(outside, inside, written),
        _changes(inside, written),
        _alerts(outside, inside, written, alone),
        _closings(outside, inside, written),
        _answers(outside, inside, written),
        _cards(outside, inside),
        _posts(outside, inside, written),
        _waiting(inside),
    )
    return [fault for check in checks for fault in check]


def _inputs(outside: Outside, inside: Inside, written: Mapping[str, Input]) -> Iterator[Fault]:
    ledger = {(entry.source, entry.external_id): entry.outcome for entry in inside.ledger}
    stored = {(message.source, message.external_id) for message in inside.messages}
    for token, given in written.items():
        name = given.source, given.external_id
        outcome = ledger.get(name)
        if name in outside.acknowledged and outcome is None:
            yield Fault(Promise.LOST, f"{token} ({given.kind}) was acknowledged and has no row")
        elif outcome is None and not given.deleted:
            yield Fault(Promise.NEVER, f"{token} ({given.kind}) was written and has no row")
        elif outcome in ("message", "edited") and name not in stored:
            yield Fault(Promise.LOST, f"{token} ({given.kind}) has a row that says {outcome}, and no message")
        elif given.kind in _FROM_CUSTOMERS and outcome in ("ignored", "quarantined"):
            yield Fault(Promise.LOST, f"{token} ({given.kind}) is a customer's and was {outcome}")
    times = Counter(token for message in inside.messages for token in set(TOKEN.findall(message.body)))
    times.update((entry.source, entry.external_id) for entry in inside.ledger)
    for what, count in times.items():
        if count > 1:
            yield Fault(Promise.TWICE, f"{what} is there {count} times")


def _changes(inside: Inside, written: Mapping[str, Input]) -> Iterator[Fault]:
    kept = {(message.source, message.external_id): message for message in inside.messages}
    for token, given in written.items():
        message = kept.get((given.source, given.external_id))
        if message is None or given.kind is not Kind.QUESTION:
            continue
        if given.deleted and (message.body or not message.deleted):
            yield Fault(Promise.CHANGE, f"{token} was deleted and still has its text")
        elif not given.deleted and message.body != given.text:
            yield Fault(Promise.CHANGE, f"{token} was edited {given.edits} times and says {message.body!r}")


def _alerts(outside: Outside, inside: Inside, written: Mapping[str, Input], alone: frozenset[str]) -> Iterator[Fault]:
    about = {notice.key: notice.target for notice in inside.notices}
    posts = [post for post in outside.said if post.channel == ALERTS.channel_id]
    times = Counter(about.get(post.key, f"unknown {post.key}") for post in posts)
    expected = {f"alert:{alert}" for _, alert in inside.episodes}
    for target in sorted(expected - set(times)):
        yield Fault(Promise.ALERT, f"{target} was never posted")
    for target, count in times.items():
        if count > 1 or target not in expected:
            yield Fault(Promise.ALERT, f"{target} was posted {count} times")
    episodes = Counter(inside.cases[case] for case, _ in inside.episodes)
    urgent = {given.writer for given in written.values() if given.urgent and not given.edits and not given.deleted}
    in_book = set(inside.cases.values())
    for customer in sorted(alone & in_book):
        count = episodes[customer]
        if count > 1 or (count == 0 and customer in urgent):
            yield Fault(Promise.ALERT, f"{customer}, whom nobody answers, has {count} episodes")


def _closings(outside: Outside, inside: Inside, written: Mapping[str, Input]) -> Iterator[Fault]:
    posts = [post.text for post in outside.said if post.channel == LOG.channel_id]
    lines = Counter(case for text in posts for case in _CLOSED.findall(text))
    for case in sorted(set(lines) | set(inside.closings)):
        closed = inside.closings.get(case, 0)
        if lines[case] != closed:
            yield Fault(Promise.CLOSING, f"{case} was closed {closed} times and said so {lines[case]} times")
    asked: dict[str, int] = defaultdict(int)
    where = {(entry.source, entry.external_id): entry.case_id for entry in inside.ledger}
    for given in written.values():
        case = where.get((given.source, given.external_id), "")
        if given.kind is Kind.CLOSING and case:
            asked[case] += 1
    for case, count in inside.closings.items():
        if count > asked[case]:
            yield Fault(Promise.CLOSING, f"{case} was closed {count} times by {asked[case]} messages")
    for case in sorted(set(asked) - set(inside.closings) - inside.overtaken):
        yield Fault(Promise.CLOSING, f"{case} was to be closed and was not")


def _answers(outside: Outside, inside: Inside, written: Mapping[str, Input]) -> Iterator[Fault]:
    said = Counter(
        token for post in outside.said if post.channel not in STAFF for token in set(TOKEN.findall(post.text))
    )
    mailed: defaultdict[str, set[str]] = defaultdict(set)
    for mail in outside.sent:
        for token in set(TOKEN.findall(mail.text)):
            mailed[token].add(mail.message_id)
    standing = {(message.source, message.external_id): message.standing for message in inside.messages}
    for token, given in written.items():
        if given.kind is not Kind.REPLY:
            continue
        found = standing.get((given.source, given.external_id), "")
        times, wanted = said[token] + len(mailed[token]), int(found in ("admin", "draft"))
        if times != wanted:
            yield Fault(Promise.ANSWER, f"{token} ({found or 'not stored'}) was said {times} times, not {wanted}")


def _cards(outside: Outside, inside: Inside) -> Iterator[Fault]:
    about = {notice.key: notice.target for notice in inside.notices}
    top = [post for post in outside.said if post.channel == SUPPORT.channel_id and not post.thread]
    times = Counter(target for post in top if (target := about.get(post.key, "")).startswith("card:"))
    for case in sorted(inside.cases):
        if times[f"card:{case}"] != 1:
            yield Fault(Promise.CARD, f"{case} has {times[f'card:{case}']} cards")


def _posts(outside: Outside, inside: Inside, written: Mapping[str, Input]) -> Iterator[Fault]:
    for key, count in Counter(post.key for post in outside.said if post.key).items():
        if count > 1:
            yield Fault(Promise.POST, f"the notice {key} was posted {count} times")
    kinds = {notice.key: notice.kind for notice in inside.notices}
    copies = [post for post in outside.said if post.thread and kinds.get(post.key) == "thread"]
    times = Counter(token for post in copies for token in set(TOKEN.findall(post.text)))
    first: dict[str, str] = {}
    for message in inside.messages:
        if message.standing in _SPOKEN:
            first.setdefault(message.case_id, message.external_id)  # shown only on the card
    for message in inside.messages:
        given = next((written[each] for each in TOKEN.findall(message.body) if each in written), None)
        if given is None or given.kind not in _FROM_CUSTOMERS or message.deleted:
            continue
        count, wanted = times[given.token], int(first[message.case_id] != message.external_id)
        if count != wanted:
            where = f"under the card of {message.case_id}"
            yield Fault(Promise.POST, f"{given.token} stands {count} times {where}, not {wanted}")


def _waiting(inside: Inside) -> Iterator[Fault]:
    for notice in inside.notices:
        if notice.state in ("pending", "failed"):
            yield Fault(Promise.WAITING, f"the notice {notice.key} ({notice.kind}) is {notice.state}")
