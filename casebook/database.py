"""Opens the database, migrates its schema, and runs each operation again after a lost connection or a conflict."""

import fcntl
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.parse import unquote, urlsplit

from peewee import (
    Database,
    DatabaseError,
    InterfaceError,
    Model,
    ModelSelect,
    OperationalError,
    PostgresqlDatabase,
)
from playhouse.migrations import Runner

from casebook import migrations
from casebook.errors import (
    BookInUseError,
    DatabaseUnavailableError,
    DatabaseUrlError,
    NewerBookError,
    NoSuchCaseError,
)
from casebook.models import Case, book
from casebook.storage import db_errors
from casebook.storage.db_errors import ErrorKind
from casebook.storage.postgresql import Server
from casebook.storage.sqlite import File

T = TypeVar("T")
M = TypeVar("M", bound=Model)

_MIGRATION_LOCK = 0x0CA5EB00  # any number, the same in every Casebook process; one at a time migrates
_CONFLICTS = 6  # how often one operation is run again after a deadlock
_PAUSE = 0.005  # seconds; the random wait before the first retry is at most twice this, and the limit doubles each time


def open(url: str) -> None:  # noqa: A001 - database.open says what it does
    """Use the database at `url`: `sqlite:///FILE`, `sqlite:////ABSOLUTE` or `postgresql://...`; connects lazily.

    Raises DatabaseUrlError for anything else.
    """
    book.initialize(_database(url))


@contextmanager
def opened(url: str) -> Iterator[None]:
    """Open the database for the length of a block, in this thread."""
    open(url)
    try:
        yield
    finally:
        close()


def _database(url: str) -> Database:
    parts = urlsplit(url)
    if parts.scheme in ("postgresql", "postgres"):
        return Server(url)
    path = sqlite_file(url)
    if path is None:
        raise DatabaseUrlError
    return File(path)


def sqlite_file(url: str) -> Path | None:
    """The file of a `sqlite:///` URL; None for any other URL, and for one without a file."""
    parts = urlsplit(url)
    if parts.scheme != "sqlite" or parts.netloc or not parts.path.strip("/") or ":memory:" in parts.path:
        return None
    return Path(unquote(parts.path[1:]))


def is_postgresql() -> bool:
    """Whether the database is PostgreSQL."""
    return isinstance(book.obj, PostgresqlDatabase)


def locked(query: "ModelSelect[M]", *, skip: bool = False) -> "ModelSelect[M]":
    """The query with its rows locked until the transaction ends; on SQLite a transaction locks the whole database."""
    return query.for_update(skip_locked=skip) if is_postgresql() else query


def lock_case(case_id: str) -> Case:
    """The row of a case, locked until the transaction ends; raises NoSuchCaseError."""
    case: Case | None = locked(Case.select().where(Case.case_id == case_id)).first()
    if case is None:
        raise NoSuchCaseError(f"There is no case {case_id}.")
    return case


def work(operation: Callable[[], T], *, on_connect: Callable[[int | None], None] | None = None) -> T:
    """Run one operation on this thread's connection; again after a lost connection, a race or a deadlock.

    Every operation may run twice (design section 2). `on_connect` gets the file descriptor of each new connection,
    or None where it has none. Raises DatabaseUnavailableError when it cannot be run now.
    """
    conflicts = races = lost = 0
    while True:
        connected = False
        try:
            connected = _connect(on_connect)
            outcome = operation()
            _check()
            return outcome  # noqa: TRY300 - the handlers are for the errors of all three calls
        except (DatabaseError, InterfaceError) as error:
            # peewee reuses a lost connection until it is closed. Two deliveries of one message may race.
            close()
            match db_errors.read(error):
                case ErrorKind.RACE if not races:
                    races += 1
                case ErrorKind.CONFLICT if conflicts < _CONFLICTS:
                    conflicts += 1
                    time.sleep(random.uniform(0, _PAUSE * 2**conflicts))  # noqa: S311 - no secret
                case ErrorKind.LOST if connected and not lost:
                    lost += 1
                case ErrorKind.RACE | ErrorKind.OURS:
                    raise
                case _:
                    raise DatabaseUnavailableError(f"The database does not answer: {_cause(error)}") from error


def _connect(on_connect: Callable[[int | None], None] | None) -> bool:
    if book.connect(reuse_if_open=True) and on_connect is not None:
        on_connect(book.connection().fileno() if is_postgresql() else None)
    return True


def _check() -> None:
    if isinstance(book.obj, File):
        book.obj.check()


def _cause(error: BaseException) -> str:
    """The first line of the first error."""
    return str(db_errors.first(error)).partition("\n")[0].rstrip(":")


def ping() -> None:
    """Run a trivial query; raises DatabaseUnavailableError through `work`."""
    book.execute_sql("SELECT 1 FROM positions LIMIT 1")


def close() -> None:
    """Close this thread's connection; the next operation opens a new one."""
    if not book.is_closed():
        try:
            book.close()
        except (OperationalError, InterfaceError):
            # Closing rolls back, which fails on a lost connection.
            book._state.reset()  # noqa: SLF001 - peewee has no public way to forget a lost connection


def migrate(on_step: Callable[[int, int], None] | None = None) -> tuple[str, ...]:
    """Apply the pending migrations, one process at a time, and return their names.

    `on_step` is called before and after each migration with the numbers of those done and of all. Raises
    NewerBookError when the database has migrations that this program does not know.
    """
    if not is_postgresql():
        return _migrate(on_step)
    with book.obj.unhurried():
        book.execute_sql("SELECT pg_advisory_lock(%s)", (_MIGRATION_LOCK,))
        try:
            return _migrate(on_step)
        finally:
            book.execute_sql("SELECT pg_advisory_unlock(%s)", (_MIGRATION_LOCK,))


def _migrate(on_step: Callable[[int, int], None] | None) -> tuple[str, ...]:
    runner = _runner()
    status = runner.status()
    unknown = [step.name for step in status if step.path is None]
    if unknown:
        raise NewerBookError(unknown[-1])
    names = [step.name for step in status if not step.applied]
    taken: list[str] = []
    for number, name in enumerate(names):
        if on_step:
            on_step(number, len(names))
        try:
            taken += runner.up(name)
        except DatabaseError:
            if name in pending():
                raise
            # On SQLite another process applied this migration at the same time.
    if on_step and names:
        on_step(len(names), len(names))
    return tuple(taken)


def pending() -> tuple[str, ...]:
    """The names of the migrations that are not applied; raises NewerBookError like `migrate`."""
    return tuple(step.name for step in _runner().status() if not step.applied)


def steps_of(other: Database) -> list[tuple[str, bool, bool]]:
    """The migrations of any database: name, whether it is applied, whether this program has it."""
    return [(step.name, bool(step.applied), step.path is not None) for step in _runner(other).status()]


def _runner(database: Database | None = None) -> Any:
    return Runner(database or book.obj, str(Path(migrations.__file__).parent))


def lock_file(url: str) -> Path | None:
    """The lock file that keeps a second bot from using a SQLite database; None on PostgreSQL."""
    path = sqlite_file(url)
    return path and path.with_name(path.name + ".lock")


def lock_book(url: str) -> IO[str] | None:
    """Lock a SQLite database against other bots while the returned file is open; None on PostgreSQL.

    The kernel frees the lock when the process ends. Raises BookInUseError when another bot holds it.
    """
    path = lock_file(url)
    if path is None:
        return None
    file = path.open("a", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise BookInUseError(f"{BookInUseError.__doc__} The file is {sqlite_file(url)}.") from error
    return file
