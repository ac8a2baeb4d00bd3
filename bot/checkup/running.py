"""Running checks side by side, each within its time, so that one which hangs or breaks never hides the others."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import replace

from bot.reports.findings import Check, Finding, Verdict, failed, skipped


async def run_checks(
    checks: Sequence[Check], unusable: Collection[str], on_change: Callable[[Sequence[str]], None]
) -> list[Finding]:
    """Everything the checks found, in their order.

    A check that needs one of the `unusable` variables is skipped. `on_change` hears the names of those that are
    still under way each time one has ended.
    """
    waiting = [check.name for check in checks]

    async def run(check: Check) -> list[Finding]:
        found = await _run(check, unusable)
        waiting.remove(check.name)
        on_change(tuple(waiting))
        return found

    on_change(tuple(waiting))
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
                found.append(replace(finding, area=check.area))  # noqa: PERF401 - one by one: what was found counts
    except TimeoutError:
        late = failed(check.name, f"no end within {check.seconds:g} s", "Look at the line to it, then try again.")
        found.append(replace(late, area=check.area))
    except Exception as error:  # noqa: BLE001 - a mistake in one check may not hide what the others found
        broken = failed(
            check.name, f"the check itself failed: {type(error).__name__}: {error}", "Report it: this is our mistake."
        )
        found.append(replace(broken, area=check.area))
    return found
