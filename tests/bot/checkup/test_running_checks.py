"""Running checks at the same time, each with a timeout, so that none hides another."""

import asyncio

from bot.checkup.running import is_good, run_checks
from bot.reports.findings import Check, Verdict, failed, ok, skipped, warning


def yielding(*findings):
    """The `run` of a check that yields these."""

    async def run():
        for finding in findings:
            yield finding

    return run


async def hanging():
    """Yields one finding, then never ends."""
    yield ok("first", "there")
    await asyncio.Event().wait()


async def breaking():
    """Yields one finding, then raises."""
    yield ok("first", "there")
    raise KeyError("second")


async def found(*checks, unusable=()):
    """The findings as (area, what, state)."""
    findings = await run_checks(checks, unusable, lambda _: None)
    return [(finding.area, finding.what, finding.state) for finding in findings]


async def test_findings_are_in_the_order_of_the_checks_whichever_ends_first():
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


async def test_findings_before_a_timeout_are_kept():
    check = Check(area="mail", name="inbox", run=hanging, seconds=0.01)

    assert await found(check) == [("mail", "first", Verdict.OK), ("mail", "inbox", Verdict.FAILED)]


async def test_an_exception_in_one_check_does_not_hide_the_others():
    broken = Check(area="mail", name="inbox", run=breaking)
    whole = Check(area="Slack", name="token", run=yielding(ok("token", "good")))

    assert await found(broken, whole) == [
        ("mail", "first", Verdict.OK),
        ("mail", "inbox", Verdict.FAILED),
        ("Slack", "token", Verdict.OK),
    ]


async def test_a_check_with_an_unusable_setting_is_skipped():
    check = Check(area="mail", name="inbox", run=breaking, needs=("IMAP_SERVER", "IMAP_PORT"))

    assert await found(check, unusable={"IMAP_PORT"}) == [("mail", "inbox", Verdict.SKIPPED)]


async def test_the_callback_gets_the_names_of_the_running_checks():
    calls = []
    checks = [Check(area="a", name=name, run=yielding()) for name in ("one", "two")]

    await run_checks(checks, (), calls.append)

    assert calls[0] == ("one", "two")
    assert calls[-1] == ()


def test_only_a_failed_finding_makes_the_result_bad():
    assert is_good([ok("a", ""), warning("b", ""), skipped("c", "")])
    assert not is_good([ok("a", ""), failed("b", "")])
