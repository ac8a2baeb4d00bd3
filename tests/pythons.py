"""Which of the Pythons that Casebook supports are installed here, and the whole suite on each of them.

It needs the standard library alone, as it runs before anything is installed:
`python3 tests/pythons.py` prints a version and a path on each line, the oldest first, `... run` is `make test-all`.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

VERSIONS = ("3.11", "3.12", "3.13", "3.14")
ROOT = Path(__file__).parents[1]
# Version managers put a `python3.13` on the PATH that only says that it is not switched on, and Debian's Python comes
# without what makes a virtual environment: whether one can be used shows only when it runs.
_PROBE = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"
_PROBE_SECONDS = 30


def candidates(version: str, environment: Mapping[str, str]) -> Iterator[Path]:
    """Where such a Python may lie: this one, anywhere on the PATH, and where pyenv and uv put what they install."""
    yield Path(sys.executable)
    for folder in environment.get("PATH", "").split(os.pathsep):
        yield Path(folder or ".", f"python{version}")
    home = Path(environment.get("HOME", "/"))
    pyenv = Path(environment.get("PYENV_ROOT") or home / ".pyenv")
    data = Path(environment.get("XDG_DATA_HOME") or home / ".local/share")
    yield from sorted(pyenv.glob(f"versions/{version}*/bin/python"), reverse=True)
    yield from sorted(data.glob(f"uv/python/cpython-{version}.*/bin/python"), reverse=True)


def is_version(python: Path, version: str) -> bool:
    """Whether it runs, is this version, and can make a virtual environment."""
    if not os.access(python, os.X_OK):
        return False
    try:
        asked = subprocess.run(
            [python, "-c", _PROBE], capture_output=True, text=True, timeout=_PROBE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0 and asked.stdout.strip() == version


def installed(versions: Iterable[str] = VERSIONS, environment: Mapping[str, str] = os.environ) -> dict[str, Path]:
    """The Pythons that are installed here by their versions, in the order of the versions."""
    found = {}
    for version in versions:
        for python in candidates(version, environment):
            if is_version(python, version):
                found[version] = python
                break
    return found


def passes(version: str, python: Path) -> bool:
    """Whether the whole suite passes on it, in a virtual environment of its own, which is made first."""
    folder = f".venv-{version}"
    install = [os.environ.get("MAKE", "make"), "install", f"PYTHON={python}", f"VENV={folder}"]
    suite = [f"{folder}/bin/python", "-m", "pytest", "-n", "2"]
    return all(subprocess.run(command, cwd=ROOT, check=False).returncode == 0 for command in (install, suite))


def run(pythons: Mapping[str, Path], attempt: Callable[[str, Path], bool] = passes) -> int:
    """Try one after the other, and say what came of each; status 1 if one failed, or if there was none to try."""
    found = [f"{version} ({python})" for version, python in pythons.items()]
    missing = [version for version in VERSIONS if version not in pythons]
    print(f"Python installed: {', '.join(found) or 'none'}; not installed: {', '.join(missing) or 'none'}", flush=True)
    outcomes = {}
    for version, python in pythons.items():
        print(f"== Python {version}", flush=True)
        outcomes[version] = attempt(version, python)
    for version in VERSIONS:
        print(f"Python {version}:", {True: "passed", False: "failed", None: "not installed"}[outcomes.get(version)])
    return int(not outcomes or not all(outcomes.values()))


if __name__ == "__main__":
    everything = installed()
    if sys.argv[1:] == ["run"]:
        sys.exit(run(everything))
    for version, python in everything.items():
        print(version, python, sep="\t")
