"""A short run of the search for mails that are expensive to parse: each is parsed or refused."""

import msgspec
import pytest

from bot.mail.worker.job import ReadResult
from bot.mail.worker.serialization import ANSWER
from tests.mail_fuzz.plans import build, make_plan
from tests.mail_fuzz.reading import parse_like_the_process

SEED = 11


@pytest.mark.parametrize("tens", range(12))
def test_generated_hostile_mails_are_messages_or_unreadable(tens):
    for number in range(10 * tens, 10 * tens + 10):
        raw = build(make_plan(SEED, number), 8_000)

        reading = msgspec.json.decode(parse_like_the_process(raw)[ANSWER.size :], type=ReadResult)

        assert not reading.overran
        assert not isinstance(reading.found, str) or "names no sender" in reading.found, make_plan(
            SEED, number
        ).description


def test_the_same_seed_gives_the_same_mails():
    assert [build(make_plan(SEED, number), 5_000) for number in range(40)] == [
        build(make_plan(SEED, number), 5_000) for number in range(40)
    ]
    assert make_plan(SEED, 1) != make_plan(SEED + 1, 1)
