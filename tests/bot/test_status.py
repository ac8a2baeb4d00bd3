from datetime import timedelta

import pytest

from bot.clock import Clock
from bot.status import STUCK_AFTER, Health, OutboxStatus, Part, State, Status

SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def status(clock) -> Status:
    """A status with every part up."""
    status = Status(clock)
    for part in status.parts:
        part.up()
    return status


def test_everything_up_is_healthy_in_the_words_that_others_look_for(status, clock):
    report = status.report(clock.now())

    assert report.status is Health.HEALTHY
    assert report.services == {
        "database": "connected",
        "email_listener": "running",
        "scheduler": "running",
        "slack": "connected",
    }


def test_nothing_is_healthy_before_every_part_has_come_up(clock):
    status = Status(clock)
    for part in status.parts[:-1]:
        part.up()

    report = status.report(clock.now())

    assert report.status is Health.UNHEALTHY
    assert report.services["slack"] == "starting"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("database", "disconnected"),
        ("email_listener", "stopped"),
        ("scheduler", "stopped"),
        ("slack", "disconnected"),
    ],
)
def test_any_part_that_is_down_makes_it_red_with_its_error_and_green_again_by_itself(status, clock, name, word):
    part: Part = getattr(status, name)

    part.down("the line is cut")
    red = status.report(clock.now())
    part.up()
    green = status.report(clock.now())

    assert red.status is Health.UNHEALTHY
    assert red.services[name] == word
    assert red.parts[name].broken
    assert red.parts[name].last_error == "the line is cut"
    assert green.status is Health.HEALTHY
    assert green.parts[name].last_error == "the line is cut"


@pytest.mark.parametrize(
    ("name", "say", "word"),
    [
        ("email_listener", Part.off, "off"),
        ("slack", Part.off, "off"),
        ("slack", Part.configured, "configured"),
        ("email_listener", Part.standby, "standby"),
        ("scheduler", Part.standby, "standby"),
    ],
)
def test_a_part_that_nobody_expects_to_work_here_is_healthy(status, clock, name, say, word):
    say(getattr(status, name))

    report = status.report(clock.now())

    assert report.status is Health.HEALTHY
    assert report.services[name] == word
    assert report.parts[name].deaf_seconds is None


def test_catching_up_is_degraded_until_it_is_done(status, clock):
    status.slack.catching_up(True)
    during = status.report(clock.now()).status
    status.slack.catching_up(False)

    assert during is Health.DEGRADED
    assert status.report(clock.now()).status is Health.HEALTHY


def test_a_part_that_goes_down_no_longer_catches_up(status, clock):
    status.slack.catching_up(True)
    status.slack.down("the line is cut")
    status.slack.up()

    assert status.report(clock.now()).status is Health.HEALTHY


def test_since_changes_with_the_state_and_not_with_heard(clock):
    part = Part("slack", clock, up_word="connected", down_word="disconnected")
    part.up()
    first = part.since

    clock.push(60 * SECOND)
    part.heard()
    part.up()
    unchanged = part.since
    part.down("the line is cut")

    assert unchanged == first
    assert part.since >= first + 60 * SECOND


def test_a_part_that_is_up_and_silent_for_too_long_counts_as_down(status, clock):
    status.slack.expect(25 * SECOND)

    clock.push(24 * SECOND)
    in_time = status.report(clock.now())
    clock.push(2 * SECOND)
    too_late = status.report(clock.now())
    status.slack.heard()

    assert in_time.status is Health.HEALTHY
    assert too_late.status is Health.UNHEALTHY
    assert too_late.services["slack"] == "disconnected"
    assert status.slack.state is State.UP
    assert status.report(clock.now()).status is Health.HEALTHY


def test_silence_of_a_part_without_a_silence_limit_is_only_shown(status, clock):
    clock.push(timedelta(hours=1))

    report = status.report(clock.now())

    assert report.status is Health.HEALTHY
    assert 3600 <= report.parts["email_listener"].deaf_seconds < 3660


@pytest.mark.parametrize("hours", [1, -1])
def test_setting_the_clock_neither_causes_nor_hides_silence(status, clock, hours):
    status.slack.expect(25 * SECOND)

    clock.jump(timedelta(hours=hours))
    just_set = status.report(clock.now())
    clock.push(26 * SECOND)
    silent = status.report(clock.now())

    assert just_set.status is Health.HEALTHY
    assert just_set.parts["slack"].deaf_seconds < 20
    assert silent.status is Health.UNHEALTHY


def test_a_part_that_became_leader_and_does_not_work_yet_is_not_healthy(status, clock):
    status.email_listener.standby()
    waiting = status.report(clock.now())
    status.email_listener.starting()

    assert waiting.status is Health.HEALTHY
    assert status.report(clock.now()).status is Health.UNHEALTHY


@pytest.mark.parametrize(
    ("age", "limited", "health"),
    [
        (STUCK_AFTER, False, Health.HEALTHY),
        (STUCK_AFTER + SECOND, False, Health.UNHEALTHY),
        (STUCK_AFTER + SECOND, True, Health.HEALTHY),
        (-SECOND, False, Health.HEALTHY),
    ],
)
def test_the_outbox_is_stuck_when_a_notice_waits_too_long_without_a_reason(status, clock, age, limited, health):
    now = clock.now()
    unexplained = None if limited else now - age
    status.outbox = OutboxStatus(oldest_unsent=now - age, oldest_unexplained=unexplained, limited=limited)

    report = status.report(now)

    assert report.status is health
    assert report.outbox.stuck is (health is Health.UNHEALTHY)
    assert report.outbox.oldest_unsent_seconds == max(age.total_seconds(), 0)


def test_a_refused_notice_is_degraded_and_a_broken_part_is_worse(status, clock):
    status.outbox = OutboxStatus(refused=1)
    refused = status.report(clock.now()).status
    status.database.down("the database does not answer")

    assert refused is Health.DEGRADED
    assert status.report(clock.now()).status is Health.UNHEALTHY
