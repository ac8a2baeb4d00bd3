"""The checker finds each kind of fault, and none where there is none."""

from dataclasses import replace

import pytest

from fixtures.cast import ALERTS, LOG, SHARED, SUPPORT
from tests.faults.inputs import Input, Kind
from tests.faults.inside import Inside, KeptMessage, KeptNotice, LedgerRow
from tests.faults.outside import OurMail, OurPost, Outside
from tests.faults.verdict import Promise, find_faults

QUESTION, SECOND, REPLY, CLOSING, MAIL = (f"t00000{number}z" for number in range(5))


def given(token, kind, *, source="slack", **more):
    return Input(token=token, kind=kind, writer="U1", source=source, external_id=token, text=f"{token} text", **more)


WRITTEN = {
    QUESTION: given(QUESTION, Kind.QUESTION, urgent=True),
    SECOND: given(SECOND, Kind.QUESTION),
    REPLY: given(REPLY, Kind.REPLY),
    CLOSING: given(CLOSING, Kind.CLOSING),
    MAIL: given(MAIL, Kind.MAIL, source="email"),
}
CASE = "CASE-0001"


def kept(token, **more):
    source = WRITTEN[token].source
    return KeptMessage(source=source, external_id=token, case_id=CASE, body=f"{token} text", **more)


BOOK = Inside(
    ledger=tuple(
        LedgerRow(source=each.source, external_id=token, outcome="message", case_id=CASE)
        for token, each in WRITTEN.items()
    ),
    messages=(kept(QUESTION), kept(SECOND), kept(REPLY, standing="admin"), kept(CLOSING, standing="note"), kept(MAIL)),
    cases={CASE: "U1"},
    notices=(
        KeptNotice("card", "card", f"card:{CASE}"),
        KeptNotice("thread", "thread"),
        KeptNotice("alert", "alert", "alert:one"),
        KeptNotice("answer", "answer"),
        KeptNotice("closed", "closed"),
    ),
    episodes=((CASE, "one"),),
    closings={CASE: 1},
)
CARD = OurPost(SUPPORT.channel_id, "1", QUESTION, "card")
COPIES = OurPost(SUPPORT.channel_id, "2", f"{SECOND} {MAIL}", "thread", "1")
ALERT = OurPost(ALERTS.channel_id, "3", "escalated", "alert")
ANSWER = OurPost(SHARED.channel_id, "4", f"{REPLY} text", "answer")
CLOSED = OurPost(LOG.channel_id, "5", f"Case #{CASE} closed at 2026-01-02T03:04:05Z by Anna Example", "closed")
SEEN = Outside(
    acknowledged=frozenset((each.source, token) for token, each in WRITTEN.items()),
    said=(CARD, COPIES, ALERT, ANSWER, CLOSED),
)


def without(what, unwanted):
    return tuple(each for each in what if each != unwanted)


def said_besides(*posts):
    return replace(SEEN, said=(*SEEN.said, *posts))


def said_without(post):
    return replace(SEEN, said=without(SEEN.said, post))


def test_where_nothing_is_wrong_nothing_is_found():
    assert find_faults(SEEN, BOOK, WRITTEN, frozenset({"U1"})) == []


def test_where_nothing_happened_nothing_is_found():
    assert find_faults(Outside(), Inside(), {}) == []


@pytest.mark.parametrize(
    ("seen", "book", "broken"),
    [
        pytest.param(SEEN, replace(BOOK, ledger=BOOK.ledger[:4]), Promise.LOST, id="a row is lost"),
        pytest.param(SEEN, replace(BOOK, messages=BOOK.messages[:4]), Promise.LOST, id="a message is lost"),
        pytest.param(
            replace(SEEN, acknowledged=frozenset()), replace(BOOK, ledger=BOOK.ledger[:4]), Promise.NEVER, id="never in"
        ),
        pytest.param(
            SEEN, replace(BOOK, messages=(*BOOK.messages, kept(SECOND))), Promise.TWICE, id="a message is double"
        ),
        pytest.param(SEEN, replace(BOOK, ledger=(*BOOK.ledger, BOOK.ledger[0])), Promise.TWICE, id="a row is double"),
        pytest.param(
            said_besides(replace(ALERT, ts="9")), BOOK, Promise.ALERT, id="an alert is said twice under one key"
        ),
        pytest.param(said_without(ALERT), BOOK, Promise.ALERT, id="an alert is missing"),
        pytest.param(SEEN, replace(BOOK, episodes=()), Promise.ALERT, id="an alert without an episode"),
        pytest.param(
            SEEN, replace(BOOK, episodes=((CASE, "one"), (CASE, "one"))), Promise.ALERT, id="two episodes of one case"
        ),
        pytest.param(said_without(CLOSED), BOOK, Promise.CLOSING, id="a closing is not said"),
        pytest.param(said_besides(replace(CLOSED, ts="9", key="x")), BOOK, Promise.CLOSING, id="a closing said twice"),
        pytest.param(
            said_besides(replace(CLOSED, ts="9", key="x")),
            replace(BOOK, closings={CASE: 2}),
            Promise.CLOSING,
            id="one message closed twice",
        ),
        pytest.param(said_without(CLOSED), replace(BOOK, closings={}), Promise.CLOSING, id="it was never closed"),
        pytest.param(said_without(ANSWER), BOOK, Promise.ANSWER, id="an answer is missing"),
        pytest.param(said_besides(replace(ANSWER, ts="9", key="x")), BOOK, Promise.ANSWER, id="an answer posted twice"),
        pytest.param(
            replace(SEEN, sent=(OurMail("<a@example.org>", REPLY),)),
            BOOK,
            Promise.ANSWER,
            id="posted on Slack and sent by mail",
        ),
        pytest.param(said_besides(replace(CARD, ts="9")), BOOK, Promise.CARD, id="two cards"),
        pytest.param(said_without(CARD), BOOK, Promise.CARD, id="no card"),
        pytest.param(said_without(COPIES), BOOK, Promise.POST, id="a copy under the card is missing"),
        pytest.param(said_besides(replace(COPIES, ts="9")), BOOK, Promise.POST, id="a copy under the card is double"),
        pytest.param(
            said_besides(replace(COPIES, ts="9", text=QUESTION, key="thread")),
            BOOK,
            Promise.POST,
            id="the card's message stands under it as well",
        ),
        pytest.param(
            SEEN,
            replace(BOOK, messages=(BOOK.messages[1], BOOK.messages[0], *BOOK.messages[2:])),
            Promise.POST,
            id="the earliest message stands in the thread, and a later one on the card",
        ),
        pytest.param(
            SEEN,
            replace(BOOK, notices=(*BOOK.notices, KeptNotice("x", "log", "", "failed"))),
            Promise.WAITING,
            id="a notice is left waiting",
        ),
    ],
)
def test_what_is_wrong_is_named(seen, book, broken):
    faults = find_faults(seen, book, WRITTEN, frozenset({"U1"}))

    assert broken in {fault.promise for fault in faults}


def test_an_edit_that_was_not_followed_is_named():
    written = WRITTEN | {SECOND: given(SECOND, Kind.QUESTION, edits=1)}
    written[SECOND].text = f"{SECOND} is now another text"

    assert [fault.promise for fault in find_faults(SEEN, BOOK, written)] == [Promise.CHANGE]


def test_a_deletion_that_was_not_followed_is_named():
    written = WRITTEN | {SECOND: given(SECOND, Kind.QUESTION, deleted=True)}

    assert [fault.promise for fault in find_faults(SEEN, BOOK, written)] == [Promise.CHANGE]


def test_the_same_mail_sent_again_under_its_message_id_is_one():
    sent = (OurMail("<a@example.org>", REPLY), OurMail("<a@example.org>", REPLY))
    seen = replace(said_without(ANSWER), sent=sent)

    assert find_faults(seen, BOOK, WRITTEN) == []


def test_words_that_a_later_message_overtook_need_not_close():
    book = replace(BOOK, closings={}, overtaken=frozenset({CASE}))

    assert find_faults(said_without(CLOSED), book, WRITTEN) == []
