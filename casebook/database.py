"""Opening the book, keeping its schema up to date, and running each unit of work so that a lost connection heals."""

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

_MIGRATION_LOCK = 0x0CA5EB00  # any number that all Casebooks agree on; one schema is brought up to date at a time
_CONFLICTS = 6  # times that one operation is run again after a deadlock
_PAUSE = 0.005  # seconds before the first of them at most, twice as long each time


def open(url: str) -> None:  # noqa: A001 - database.open says what it does
    """Point the book at `url`: `sqlite:///FILE`, `sqlite:////ABSOLUTE` or `postgresql://...`; connects lazily.

    Raises DatabaseUrlError for anything else.
    """
    book.initialize(_database(url))


@contextmanager
def opened(url: str) -> Iterator[None]:
    """The book, open for the length of a block, on this thread."""
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
    """Whether the book is on PostgreSQL."""
    return isinstance(book.obj, PostgresqlDatabase)


def locked(query: "ModelSelect[M]", *, skip: bool = False) -> "ModelSelect[M]":
    """The query with its rows locked until the transaction ends; on SQLite the whole book is locked anyway."""
    return query.for_update(skip_locked=skip) if is_postgresql() else query


def lock_case(case_id: str) -> Case:
    """The row of a case, locked until the transaction ends; raises NoSuchCaseError."""
    case: Case | None = locked(Case.select().where(Case.case_id == case_id)).first()
    if case is None:
        raise NoSuchCaseError(f"There is no case {case_id}.")
    return case


def work(operation: Callable[[], T], *, on_line: Callable[[int | None], None] | None = None) -> T:
    """Run one operation on this thread's connection, again if the connection, a race or a deadlock broke it.

    Every operation may run twice (design section 2). `on_line` is told the file descriptor of each new connection;
    None where there is none. Raises DatabaseUnavailableError when it cannot be run now.
    """
    conflicts = races = lost = 0
    while True:
        connected = False
        try:
            connected = _connect(on_line)
            outcome = operation()
            _check()
            return outcome  # noqa: TRY300 - what follows is for the errors of all three
        except (DatabaseError, InterfaceError) as error:
            # A dead connection stays dead until it is closed; two deliveries of one message may race.
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


def _connect(on_line: Callable[[int | None], None] | None) -> bool:
    if book.connect(reuse_if_open=True) and on_line is not None:
        on_line(book.connection().fileno() if is_postgresql() else None)
    return True


def _check() -> None:
    if isinstance(book.obj, File):
        book.obj.check()


def _cause(error: BaseException) -> str:
    """The first line of the first error."""
    return str(db_errors.first(error)).partition("\n")[0].rstrip(":")


def ping() -> None:
    """Ask the database for a sign of life; raises DatabaseUnavailableError through `work`."""
    book.execute_sql("SELECT 1 FROM positions LIMIT 1")


def close() -> None:
    """Close this thread's connection; the next unit of work opens a new one."""
    if not book.is_closed():
        try:
            book.close()
        except (OperationalError, InterfaceError):
            # Closing rolls back, which fails on a connection that is gone: it is gone all the same.
            book._state.reset()  # noqa: SLF001 - peewee has no public way to forget a dead connection


def migrate(on_step: Callable[[int, int], None] | None = None) -> tuple[str, ...]:
    """Bring the schema up to date, one process at a time, and return the names of the steps that were taken.

    `on_step` is told before and after each step how many are done, and of how many. Raises NewerBookError when the
    book knows steps that this program does not.
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
            # On SQLite another process took this step at the same moment; who comes second finds it taken.
    if on_step and names:
        on_step(len(names), len(names))
    return tuple(taken)


def pending() -> tuple[str, ...]:
    """The names of the schema steps that the book still lacks; raises NewerBookError like `migrate`."""
    return tuple(step.name for step in _runner().status() if not step.applied)


def steps_of(other: Database) -> list[tuple[str, bool, bool]]:
    """The schema steps of a database that need not be the book's: name, whether taken, whether this program has it."""
    return [(step.name, bool(step.applied), step.path is not None) for step in _runner(other).status()]


def _runner(database: Database | None = None) -> Any:
    return Runner(database or book.obj, str(Path(migrations.__file__).parent))


def lock_file(url: str) -> Path | None:
    """The file whose lock keeps a second bot off a SQLite book; None on PostgreSQL."""
    path = sqlite_file(url)
    return path and path.with_name(path.name + ".lock")


def lock_book(url: str) -> IO[str] | None:
    """Keep other bots off a SQLite book while the returned file stays open; None on PostgreSQL.

    The kernel frees the lock however the process ends. Raises BookInUseError when another bot holds it.
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
