"""What a check found: one line each, with what was tried, what came back, and what to do about it."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from enum import StrEnum

from casebook.errors import CasebookError


class Verdict(StrEnum):
    """How it stands with one thing that was tried."""

    OK = "ok"
    WARNING = "warning"  # it runs, and somebody may wonder later
    FAILED = "failed"  # the bot does not start, or does not do what it should
    SKIPPED = "skipped"  # not tried: it is not set up, or what it needs has failed


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried."""

    state: Verdict
    what: str
    found: str  # what came back
    advice: str = ""  # what to do; empty where there is nothing to do
    area: str = ""  # filled in by whoever runs the check


def ok(what: str, found: str) -> Finding:
    """It is as it should be."""
    return Finding(Verdict.OK, what, found)


def warning(what: str, found: str, advice: str = "") -> Finding:
    """It runs, and somebody may wonder later."""
    return Finding(Verdict.WARNING, what, found, advice)


def failed(what: str, found: str, advice: str = "") -> Finding:
    """It does not do what it should."""
    return Finding(Verdict.FAILED, what, found, advice)


def failed_by(what: str, error: CasebookError, separator: str = "; ") -> Finding:
    """A fault in the words of the error that the start-up raises for it.

    Its sentence says what is wrong, then after `separator` what to do, then perhaps more in sentences of their own.
    """
    problem, _, rest = str(error).partition(separator)
    advice, stop, more = rest.partition(". ")
    problem = problem.removeprefix(f"{what}: ")
    if problem.startswith(f"{what} "):
        problem = f"it{problem.removeprefix(what)}"
    found = f"{problem}. {more.removesuffix('.')}" if more else problem
    return failed(what, found, f"{advice[:1].upper()}{advice[1:]}{stop.strip()}")


def skipped(what: str, found: str) -> Finding:
    """It was not tried, and why."""
    return Finding(Verdict.SKIPPED, what, found)


Findings = AsyncGenerator[Finding, None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Something to try: it yields what it finds as it finds it, raises nothing it expects, and changes nothing."""

    area: str
    name: str  # what is said of it while it is under way, and when it does not end
    run: Callable[[], Findings]
    needs: tuple[str, ...] = ()  # variables without which it cannot be tried
    seconds: float = 30.0  # it is given up after this time; what it has found until then counts
