"""Waits after refused logins."""

import itertools
from datetime import timedelta

import pytest

from bot.clock import Clock
from bot.mail.imap.account import LoginRefusedError, TokenCommandError, TokenRefusedError
from bot.mail.imap.login_backoff import LoginBackoff


def waits(error, *, worked=False, count=20):
    logins = LoginBackoff(Clock())
    if worked:
        logins.worked()
    return [logins.after(error) for _ in range(count)]


@pytest.mark.parametrize("worked", [False, True])
def test_no_half_hour_sees_five_refused_passwords(worked):
    tries = [0.0, *itertools.accumulate(waits(LoginRefusedError(), worked=worked))]

    assert all(later - first > 30 * 60 for first, later in zip(tries, tries[4:], strict=False))


def test_a_password_that_has_worked_is_tried_again_soon_and_a_few_times():
    assert max(waits(LoginRefusedError(), worked=True)[:3]) <= 120


def test_a_password_that_never_worked_waits_longer():
    assert min(waits(LoginRefusedError())) >= 150


def test_a_command_without_a_token_is_run_again_within_a_minute():
    assert max(waits(TokenCommandError())) <= 60


def test_a_refused_token_is_tried_again_within_two_minutes():
    tried = waits(TokenRefusedError())

    assert 30 <= tried[0] <= 60
    assert max(tried) <= 120


def test_a_wait_goes_on_whoever_reads_next():
    clock = Clock()
    logins = LoginBackoff(clock)
    seconds = logins.after(LoginRefusedError())

    clock.push(timedelta(seconds=100))

    assert seconds - 101 < logins.left() <= seconds - 100
