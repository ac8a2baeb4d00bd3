from bot.clock import Clock
from bot.monitoring.metrics import Metrics
from bot.status import OutboxStatus, Status


def test_what_came_in_is_counted_by_door_and_outcome():
    metrics = Metrics()

    metrics.received("slack", "message")
    metrics.received("slack", "message")
    metrics.received("email", "ignored")

    assert b'casebook_items_total{outcome="message",source="slack"} 2.0' in metrics.render()
    assert b'casebook_items_total{outcome="ignored",source="email"} 1.0' in metrics.render()


def test_a_state_that_no_notice_is_in_any_more_disappears():
    metrics = Metrics()

    metrics.book(open_cases=3, escalated=1, notices={"pending": 5, "failed": 1})
    metrics.book(open_cases=2, escalated=0, notices={"pending": 4})

    text = metrics.render()
    assert b'casebook_cases{state="open"} 2.0' in text
    assert b'casebook_cases{state="escalated"} 0.0' in text
    assert b'casebook_notices{state="pending"} 4.0' in text
    assert b'state="failed"' not in text


def test_parts_are_one_or_nought_and_the_oldest_notice_has_its_age():
    clock = Clock()
    status = Status(clock)
    for part in status.parts:
        part.up()
    status.slack.down("the line is cut")
    now = clock.now()
    status.outbox = OutboxStatus(oldest_unsent=now)
    metrics = Metrics()

    metrics.parts(status.report(now))

    text = metrics.render()
    assert b'casebook_part_healthy{part="slack"} 0.0' in text
    assert b'casebook_part_healthy{part="database"} 1.0' in text
    assert b"casebook_healthy 0.0" in text
    assert b"casebook_oldest_unsent_seconds 0.0" in text


def test_two_bots_in_one_process_do_not_mix():
    first, second = Metrics(), Metrics()

    first.answered("/health", 200)

    assert b'casebook_http_answers_total{address="/health",status="200"} 1.0' in first.render()
    assert b"address=" not in second.render()
