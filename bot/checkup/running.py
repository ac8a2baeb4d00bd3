"""Runs checks at the same time, each with a timeout, so that one which hangs or fails does not hide the others."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import replace

from bot.reports.findings import Check, Finding, Verdict, failed, skipped


async def run_checks(
    checks: Sequence[Check], unusable: Collection[str], on_change: Callable[[Sequence[str]], None]
) -> list[Finding]:
    """The findings of all checks, in their order.

    A check that needs one of the `unusable` variables is skipped. `on_change` is called with the names of the checks
    that are still running, at the start and whenever one has ended.
    """
    running = [check.name for check in checks]

    async def run(check: Check) -> list[Finding]:
        found = await _run(check, unusable)
        running.remove(check.name)
        on_change(tuple(running))
        return found

    on_change(tuple(running))
    results = await asyncio.gather(*(run(check) for check in checks))
    return [finding for found in results for finding in found]


def is_good(findings: Sequence[Finding]) -> bool:
    """Whether nothing has failed."""
    return all(finding.state is not Verdict.FAILED for finding in findings)


async def _run(check: Check, unusable: Collection[str]) -> list[Finding]:
    lacking = [name for name in check.needs if name in unusable]
    if lacking:
        finding = skipped(check.name, f"not tried, since {' and '.join(lacking)} cannot be used")
        return [replace(finding, area=check.area)]
    found: list[Finding] = []
    try:
        async with asyncio.timeout(check.seconds), aclosing(check.run()) as findings:
            async for finding in findings:
                found.append(replace(finding, area=check.area))  # noqa: PERF401 - one by one, to keep those found before a failure
    except TimeoutError:
        timed_out = failed(check.name, f"no end within {check.seconds:g} s", "Look at the line to it, then try again.")
        found.append(replace(timed_out, area=check.area))
    except Exception as error:  # noqa: BLE001 - an error in one check must not hide the findings of the others
        broken = failed(
            check.name, f"the check itself failed: {type(error).__name__}: {error}", "Report it: this is our mistake."
        )
        found.append(replace(broken, area=check.area))
    return found
