"""Running checks: side by side, each within its time, none hiding another."""

import asyncio

from bot.checkup.running import is_good, run_checks
from bot.reports.findings import Check, Verdict, failed, ok, skipped, warning


def saying(*findings):
    """A check's way to say these."""

    async def run():
        for finding in findings:
            yield finding

    return run


async def hanging():
    """It says something, and then nothing more."""
    yield ok("first", "there")
    await asyncio.Event().wait()


async def breaking():
    """It has a mistake."""
    yield ok("first", "there")
    raise KeyError("second")


async def found(*checks, unusable=()):
    """What was found, as area, what and state."""
    findings = await run_checks(checks, unusable, lambda _: None)
    return [(finding.area, finding.what, finding.state) for finding in findings]


async def test_findings_stand_in_the_order_of_the_checks_whoever_ends_first():
    first_may_end = asyncio.Event()

    async def slow():
        await first_may_end.wait()
        yield ok("slow", "done")

    async def quick():
        first_may_end.set()
        yield ok("quick", "done")

    slowly = Check(area="one", name="slow", run=slow)
    quickly = Check(area="two", name="quick", run=quick)

    assert await found(slowly, quickly) == [("one", "slow", Verdict.OK), ("two", "quick", Verdict.OK)]


async def test_what_was_found_before_the_time_was_over_counts():
    check = Check(area="mail", name="inbox", run=hanging, seconds=0.01)

    assert await found(check) == [("mail", "first", Verdict.OK), ("mail", "inbox", Verdict.FAILED)]


async def test_a_mistake_in_one_check_does_not_hide_the_others():
    broken = Check(area="mail", name="inbox", run=breaking)
    whole = Check(area="Slack", name="token", run=saying(ok("token", "good")))

    assert await found(broken, whole) == [
        ("mail", "first", Verdict.OK),
        ("mail", "inbox", Verdict.FAILED),
        ("Slack", "token", Verdict.OK),
    ]


async def test_a_check_whose_setting_cannot_be_used_is_skipped():
    check = Check(area="mail", name="inbox", run=breaking, needs=("IMAP_SERVER", "IMAP_PORT"))

    assert await found(check, unusable={"IMAP_PORT"}) == [("mail", "inbox", Verdict.SKIPPED)]


async def test_whoever_watches_hears_what_is_still_under_way():
    heard = []
    checks = [Check(area="a", name=name, run=saying()) for name in ("one", "two")]

    await run_checks(checks, (), heard.append)

    assert heard[0] == ("one", "two")
    assert heard[-1] == ()


def test_only_a_failure_is_a_failure():
    assert is_good([ok("a", ""), warning("b", ""), skipped("c", "")])
    assert not is_good([ok("a", ""), failed("b", "")])
