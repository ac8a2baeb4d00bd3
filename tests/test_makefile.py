"""`make demo` installs what the demo needs and no more, and nothing where everything is installed."""

import os
import re
import subprocess
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest

from tests.test_architecture import is_stdlib, modules

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDED = (*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["demo"])


def plain(requirement: str) -> str:
    return re.match(r"[\w.-]+", requirement)[0].lower().replace("_", "-")


def what_it_would_do(target: str, venv: Path) -> str:
    """The commands of `make target` where the files of this folder are older than the stamps in the venv."""
    command = ["make", "--dry-run", target, f"VENV={venv}"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def venv(tmp_path):
    for stamp in (".made", ".pip"):
        (tmp_path / stamp).touch()
    return tmp_path


def test_the_demo_needs_no_library_that_make_demo_does_not_install():
    by_name = {module.name: module for module in modules()}
    reached = waiting = {"fixtures.demo.__main__"}
    while waiting:
        waiting = {name for one in waiting for name in by_name[one].imports if name in by_name} - reached
        reached |= waiting
    ours = ("bot", "casebook", "fixtures")
    tops = {name.split(".")[0] for one in reached for name in by_name[one].imports if not is_stdlib(name)} - {*ours}
    needed = {plain(name) for name in NEEDED}
    distributions = packages_distributions()
    brought = {plain(one) for name in needed for one in requires(name) or () if "extra ==" not in one}

    lacking = {top for top in tops if not {plain(one) for one in distributions[top]} & (needed | brought)}

    assert {"aiohttp", "pymap", "peewee"} <= tops
    assert lacking == set()


def test_the_first_demo_installs_what_it_needs_and_nothing_is_built(venv):
    told = what_it_would_do("demo", venv)

    assert "--no-compile" in told
    assert "--editable" not in told
    assert "[dev]" not in told


def test_the_demo_installs_nothing_where_the_tests_have_their_libraries(venv):
    for stamp in (".demo", ".installed"):
        (venv / stamp).touch()

    assert " install " not in what_it_would_do("demo", venv)
    assert " install " not in what_it_would_do("lint", venv)


def test_the_tests_install_the_rest_where_only_the_demo_ran(venv):
    (venv / ".demo").touch()

    assert "[dev]" in what_it_would_do("lint", venv)


@pytest.mark.parametrize("target", ["demo", "run"])
def test_what_is_installed_is_renewed_when_the_requirements_are_newer(target, venv):
    for stamp in (".demo", ".installed"):
        (venv / stamp).touch()
        os.utime(venv / stamp, (0, 0))

    assert " install " in what_it_would_do(target, venv)


@pytest.mark.parametrize("target", ["run", "bench", "faults", "soak", "fuzz", "coverage", "lint", "types", "test"])
def test_each_other_target_works_from_a_fresh_clone(target, tmp_path):
    assert "--editable '.[dev]'" in what_it_would_do(target, tmp_path)
