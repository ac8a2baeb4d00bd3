"""The responses of `/health` and `/live` in each state, as a table."""

from datetime import timedelta

import aiohttp
import pytest

from bot.status import OutboxStatus, Part
from tests.bot.test_web import Bot

NOW_AND_THEN = timedelta(seconds=25)
LONG = timedelta(minutes=3)


def down(name):
    return lambda bot: getattr(bot.status, name).down("the line is cut")


def silent(name):
    def fall_silent(bot):
        getattr(bot.status, name).expect(NOW_AND_THEN)
        bot.clock.push(NOW_AND_THEN + timedelta(seconds=1))

    return fall_silent


def says(name, word):
    return lambda bot: word(getattr(bot.status, name))


def outbox(**facts):
    def fill(bot):
        since = bot.clock.now() - LONG
        bot.status.outbox = OutboxStatus(**{name: since if value == LONG else value for name, value in facts.items()})

    return fill


def both(*changes):
    return lambda bot: [change(bot) for change in changes]


# what happens, the status of HTTP, the word for the whole, the service and its word
TABLE = {
    "nothing": (lambda bot: None, 200, "healthy", "slack", "connected"),
    "database gone": (down("database"), 503, "unhealthy", "database", "disconnected"),
    "socket gone": (down("slack"), 503, "unhealthy", "slack", "disconnected"),
    "socket open and dead": (silent("slack"), 503, "unhealthy", "slack", "disconnected"),
    "IDLE hangs": (silent("email_listener"), 503, "unhealthy", "email_listener", "stopped"),
    "login refused": (down("email_listener"), 503, "unhealthy", "email_listener", "stopped"),
    "job failed": (down("scheduler"), 503, "unhealthy", "scheduler", "stopped"),
    "not begun": (says("slack", Part.starting), 503, "unhealthy", "slack", "starting"),
    "another reads the inbox": (says("email_listener", Part.standby), 200, "healthy", "email_listener", "standby"),
    "another runs the jobs": (says("scheduler", Part.standby), 200, "healthy", "scheduler", "standby"),
    "no mail door": (says("email_listener", Part.off), 200, "healthy", "email_listener", "off"),
    "only a signing secret": (says("slack", Part.configured), 200, "healthy", "slack", "configured"),
    "catching up": (lambda bot: bot.status.slack.catching_up(True), 200, "degraded", "slack", "connected"),
    "outbox stuck": (outbox(oldest_unsent=LONG, oldest_unexplained=LONG), 503, "unhealthy", "slack", "connected"),
    "Slack's limit": (outbox(oldest_unsent=LONG, limited=True), 200, "healthy", "slack", "connected"),
    "a notice refused": (outbox(refused=1), 200, "degraded", "slack", "connected"),
    "refused, and socket gone": (both(outbox(refused=1), down("slack")), 503, "unhealthy", "slack", "disconnected"),
    "server for our mail away": (down("email_sender"), 200, "healthy", "slack", "connected"),
}


@pytest.mark.parametrize(("change", "code", "status", "service", "word"), TABLE.values(), ids=TABLE)
async def test_health_tells_the_truth_and_live_stays_200(change, code, status, service, word):
    bot = Bot()
    port = bot.port(debug=False)
    await port.start()
    base = f"http://127.0.0.1:{port.port}"
    change(bot)

    async with aiohttp.ClientSession() as session:
        async with session.get(f"{base}/health") as health:
            body = await health.json()
        async with session.get(f"{base}/live") as live:
            pass

    await port.stop()
    assert (health.status, body["status"], body["services"][service]) == (code, status, word)
    assert live.status == 200
