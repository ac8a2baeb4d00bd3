"""Checks and their findings: what was tested, the result, and what to do about it."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from enum import StrEnum

from casebook.errors import CasebookError


class Verdict(StrEnum):
    """The result of one test."""

    OK = "ok"
    WARNING = "warning"  # it works, with effects that may surprise
    FAILED = "failed"  # the bot does not start, or something does not work
    SKIPPED = "skipped"  # not tested: it is not set up, or a requirement has failed


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of testing one thing."""

    state: Verdict
    what: str
    found: str  # the result
    advice: str = ""  # what to do; empty where nothing is needed
    area: str = ""  # set by the caller of the check


def ok(what: str, found: str) -> Finding:
    """It works."""
    return Finding(Verdict.OK, what, found)


def warning(what: str, found: str, advice: str = "") -> Finding:
    """It works, with effects that may surprise."""
    return Finding(Verdict.WARNING, what, found, advice)


def failed(what: str, found: str, advice: str = "") -> Finding:
    """It does not work."""
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
    """It was not tested; `found` says why."""
    return Finding(Verdict.SKIPPED, what, found)


Findings = AsyncGenerator[Finding, None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check: yields findings as it makes them, raises no expected errors, and changes nothing."""

    area: str
    name: str  # shown while it runs, and when it times out
    run: Callable[[], Findings]
    needs: tuple[str, ...] = ()  # variables without which it is skipped
    seconds: float = 30.0  # time limit; findings until then count
