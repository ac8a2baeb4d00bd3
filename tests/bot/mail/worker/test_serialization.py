"""Jobs and results survive serialization unchanged, and invalid answers are refused."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.files.store import Store
from bot.mail.incoming import MailRules
from bot.mail.worker import serialization
from bot.mail.worker.job import ReadResult, Unread, read
from casebook.incoming import Forward, Incoming, IncomingFile, Source, Standing

NOON = datetime(2026, 5, 3, 12, tzinfo=UTC)
RULES = MailRules(inbox_address="support@example.org", admin_emails=frozenset({"anna@example.org"}), authserv_id="mx")
MAIL = Unread(raw=b"\0\xff raw", received_at=NOON, folder="INBOX", rules=RULES, store=None)
FILE = IncomingFile(name="a.pdf", content_type="application/pdf", size=3, sha256="0" * 64, kept=True)
MESSAGE = Incoming(
    source=Source.EMAIL,
    external_id="a@example.org",
    sender="mia@example.org",
    standing=Standing.ADMIN,
    timestamp=NOON,
    body="Gr\N{LATIN SMALL LETTER U WITH DIAERESIS}\N{SNOWMAN}\x01",
    place="INBOX",
    conversation=("b@example.org", "c@example.org"),
    cases_named=(1, 2),
    cut=True,
    attachments=(FILE,),
    forward=Forward(author="leo@example.org", tagged=(3,)),
)


def sent(reading):
    encoded = serialization.answer(reading)
    assert serialization.answer_length(encoded[: serialization.ANSWER.size]) == len(encoded) - serialization.ANSWER.size
    return encoded[serialization.ANSWER.size :]


@pytest.mark.parametrize("store", [None, Store(Path("/var/lib/casebook"))])
def test_a_mail_arrives_as_it_was_and_the_next_behind_it(store):
    mail = replace(MAIL, store=store, whole=False, frugal=True)
    stream = io.BytesIO(serialization.question(mail) + mail.raw + serialization.question(MAIL) + MAIL.raw)

    first, second, end = (serialization.next_question(stream) for _ in range(3))

    assert replace(first, store=None) == replace(mail, store=None)
    assert (first.store.folder if first.store else None) == (store.folder if store else None)
    assert (second, end) == (MAIL, None)


@pytest.mark.parametrize(
    "reading",
    [ReadResult(found=MESSAGE, files_tried=True, files_failed="the disk is full"), ReadResult(found="No sender.")],
)
def test_a_reading_arrives_as_it_was(reading):
    assert serialization.reading(sent(reading), MAIL) == reading


def test_what_is_read_in_a_mail_arrives():
    mail = replace(MAIL, raw=b"From: mia@example.org\nSubject: Ink\nMessage-ID: <a@example.org>\n\nHello")

    assert serialization.reading(sent(read(mail)), mail) == read(mail)


def test_a_text_that_no_database_takes_is_a_mail_that_cannot_be_read():
    reading = serialization.reading(sent(ReadResult(found=replace(MESSAGE, body="\ud800"))), MAIL)

    assert reading == ReadResult(found="This mail cannot be read (UnicodeEncodeError).")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x80\x04\x95",  # a pickle
        b"{}",
        b"[" * 100_000,
        b'{"found":5}',
        b'{"found":{"source":"email"}}',
        sent(ReadResult(found="x", overran=True)),
        sent(ReadResult(found=MESSAGE)).replace(b'"admin"', b'"emperor"'),
        sent(ReadResult(found=MESSAGE)).replace(b'"size":3', b'"size":"3"'),
        sent(ReadResult(found=MESSAGE)).replace(b"a@example.org", b"\xff"),
        *(
            sent(ReadResult(found=replace(MESSAGE, **changes)))
            for changes in (
                {"source": Source.SLACK},
                {"place": "Elsewhere"},
                {"thread": "1.0"},
                {"timestamp": NOON.replace(hour=13)},
                {"timestamp": NOON.replace(tzinfo=None)},
                {"edited_at": NOON},
                {"body": "x" * 6_000_001},
                {"conversation": ("x",) * 100_001},
                {"forward": Forward(author="x" * 6_000_001)},
                {"attachments": (replace(FILE, sha256="../" * 21 + "x"),)},
                {"attachments": (replace(FILE, sha256=""),)},
                {"attachments": (replace(FILE, size=-1),)},
            )
        ),
    ],
    ids=range(22),
)
def test_an_impossible_result_for_this_mail_is_refused(answer):
    with pytest.raises(serialization.MalformedAnswerError):
        serialization.reading(answer, MAIL)


@pytest.mark.parametrize("length", [0, serialization.ANSWER_LIMIT + 1, 2**64 - 1])
def test_an_answer_of_impossible_length_is_not_waited_for(length):
    with pytest.raises(serialization.MalformedAnswerError):
        serialization.answer_length(serialization.ANSWER.pack(length))
