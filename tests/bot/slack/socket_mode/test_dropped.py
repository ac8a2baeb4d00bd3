"""Dropped events cause one notice an hour, and a read-back each time."""

import json
from datetime import timedelta

from bot.slack.socket_mode.dropped import SENTENCE, DroppedEvents


async def test_the_log_channel_gets_one_notice_an_hour_and_each_event_is_read_back(at):
    read_back = []
    dropped = DroppedEvents(at.context, on_dropped=lambda: read_back.append(True))

    for pushed in (0, 59, 2):
        at.context.clock.push(timedelta(minutes=pushed))
        dropped.heard()
    await at.context.background.finish(5)

    assert at.outbox("kind, payload") == [("log", json.dumps({"text": SENTENCE}))] * 2
    assert len(read_back) == 3


async def test_a_notice_that_could_not_be_stored_is_stored_with_the_next_event(at):
    dropped = DroppedEvents(at.context, on_dropped=lambda: None)
    at.write("ALTER TABLE notices RENAME TO elsewhere")
    dropped.heard()
    await at.context.background.finish(20)
    at.write("ALTER TABLE elsewhere RENAME TO notices")

    dropped.heard()
    await at.context.background.finish(5)

    assert at.outbox("kind") == [("log",)]
