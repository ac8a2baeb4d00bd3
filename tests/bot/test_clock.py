from datetime import UTC, datetime, timedelta

from bot.clock import Clock


def test_now_is_aware_utc_and_lies_between_two_readings_of_the_real_clock():
    before = datetime.now(UTC)

    now = Clock().now()

    assert now.tzinfo is UTC
    assert before <= now <= datetime.now(UTC)


def test_pushing_moves_both_clocks_by_the_same():
    clock = Clock(timedelta(hours=1))
    now, monotonic = clock.now(), clock.monotonic()

    clock.push(timedelta(hours=49))

    assert timedelta(hours=49) <= clock.now() - now < timedelta(hours=49, minutes=1)
    assert 49 * 3600 <= clock.monotonic() - monotonic < 49 * 3600 + 60


def test_a_clock_starts_with_its_offset():
    assert Clock(timedelta(days=-2)).now() < datetime.now(UTC) - timedelta(days=1)


def test_a_clock_that_is_set_lets_no_time_pass():
    clock = Clock()
    now, monotonic = clock.now(), clock.monotonic()

    clock.jump(timedelta(hours=-1))

    assert timedelta(hours=-1) <= clock.now() - now < timedelta(minutes=-59)
    assert 0 <= clock.monotonic() - monotonic < 60
