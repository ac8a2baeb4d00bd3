"""`make test-all` and `.ci/run` find the Pythons that are installed, and only those that can be used."""

import tomllib
from pathlib import Path

from tests import pythons

ROOT = Path(__file__).parents[1]


def program(path: Path, *, says: str = "", status: int = 0) -> Path:
    """What lies in the place of a Python, and what it does when it is started."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {says}\nexit {status}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_the_one_that_runs_the_tests_is_found():
    found = pythons.installed()

    assert found
    assert set(found) <= set(pythons.VERSIONS)


def test_a_name_on_the_path_that_cannot_be_used_is_passed_over(tmp_path):
    program(tmp_path / "switched-off/python3.99", says="pyenv: python3.99: command not found", status=127)
    program(tmp_path / "another/python3.99", says="3.98")
    usable = program(tmp_path / "usable/python3.99", says="3.99")
    path = ":".join(str(tmp_path / name) for name in ("nowhere", "switched-off", "another", "usable"))

    found = pythons.installed(["3.98", "3.99"], {"PATH": path, "HOME": str(tmp_path)})

    assert found == {"3.99": usable}


def test_what_pyenv_and_uv_have_installed_is_found_without_being_on_the_path(tmp_path):
    by_pyenv = program(tmp_path / ".pyenv/versions/3.98.2/bin/python", says="3.98")
    by_uv = program(tmp_path / ".local/share/uv/python/cpython-3.99.1-linux-x86_64-gnu/bin/python", says="3.99")

    found = pythons.installed(["3.97", "3.98", "3.99"], {"PATH": "", "HOME": str(tmp_path)})

    assert found == {"3.98": by_pyenv, "3.99": by_uv}


def test_one_that_fails_does_not_keep_the_next_from_being_tried(capsys):
    here = {"3.11": Path("/a/python"), "3.12": Path("/b/python")}

    status = pythons.run(here, lambda version, _: version != "3.11")

    told = capsys.readouterr().out
    assert status == 1
    assert "installed: 3.11 (/a/python), 3.12 (/b/python); not installed: 3.13" in told
    assert "Python 3.11: failed\nPython 3.12: passed\nPython 3.13: not installed\n" in told


def test_all_is_well_where_each_that_is_installed_passes_and_not_where_there_is_none():
    assert pythons.run({"3.12": Path("/b/python")}, lambda *_: True) == 0
    assert pythons.run({}, lambda *_: True) == 1


def test_the_oldest_is_the_one_that_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert project["requires-python"] == f">={pythons.VERSIONS[0]}"
