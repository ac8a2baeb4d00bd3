"""A short part of the search for mails that cost much: each of them is answered, whatever it is made of."""

import msgspec
import pytest

from bot.mail.worker.job import ReadResult
from bot.mail.worker.serialization import ANSWER
from tests.mail_fuzz.plans import built, planned
from tests.mail_fuzz.reading import read_as_asked

SEED = 11


@pytest.mark.parametrize("tens", range(12))
def test_mails_that_are_made_to_cost_much_are_messages_or_say_why_not(tens):
    for number in range(10 * tens, 10 * tens + 10):
        raw = built(planned(SEED, number), 8_000)

        reading = msgspec.json.decode(read_as_asked(raw)[ANSWER.size :], type=ReadResult)

        assert not reading.overran
        assert not isinstance(reading.found, str) or "names no sender" in reading.found, planned(SEED, number).told


def test_the_same_seed_gives_the_same_mails():
    assert [built(planned(SEED, number), 5_000) for number in range(40)] == [
        built(planned(SEED, number), 5_000) for number in range(40)
    ]
    assert planned(SEED, 1) != planned(SEED + 1, 1)
