"""Checks the settings: problems, remarks, and who else can read the files that hold secrets."""

import stat
from collections.abc import Iterable
from pathlib import Path

from bot.reports.findings import Finding, Findings, failed, ok, warning
from bot.settings import VARIABLES, SettingsReport

# Docker and Kubernetes make mounted secrets readable for every user of the container, which has no other users.
_MOUNTED = (Path("/run/secrets"), Path("/var/run/secrets"))


async def check_settings(survey: SettingsReport) -> Findings:
    """Every problem, every remark, and every file that holds a secret."""
    for problem in survey.problems:
        yield failed(*_split(problem))
    if not survey.problems:
        yield ok("values", "every setting can be read, and all of them together")
    for remark in survey.settings.remarks:
        about, text = _split(remark)
        # An unusable variable looks unset here; its problem was reported above, and this remark would be wrong.
        if about not in VARIABLES or not any(name in remark for name in survey.unusable):
            yield warning(about, text)
    for name, path in survey.secret_files.items():
        yield _secret_file(name, path)


def _split(sentence: str) -> tuple[str, str]:
    """The first variable that a sentence about the settings names, and the rest of the sentence."""
    words = (word.strip(".,:;()") for word in sentence.split())
    name = next((word for word in words if word in VARIABLES or ("_" in word and word.isupper())), "")
    return name or "settings", sentence.removeprefix(f"{name} ")


def _secret_file(name: str, path: Path) -> Finding:
    mode = path.stat().st_mode
    if mode & (stat.S_IRGRP | stat.S_IROTH) == 0 or _is_mounted(path, _MOUNTED):
        return ok(name, f"{path} holds secrets, and only its owner can read it")
    who = "everybody" if mode & stat.S_IROTH else "the group"
    return warning(name, f"{who} on this machine can read {path}, which holds secrets", f"chmod 600 {path}")


def _is_mounted(path: Path, places: Iterable[Path]) -> bool:
    return any(place in path.resolve().parents or place in path.absolute().parents for place in places)
