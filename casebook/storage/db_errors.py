"""What an error of the database means: to be run again at once, to be tried later, or a fault of what was asked."""

import sqlite3
from enum import StrEnum

from peewee import DatabaseError, IntegrityError, InterfaceError, OperationalError


class ErrorKind(StrEnum):
    """What can be done about an error."""

    RACE = "race"  # two did the same at once: who comes second finds it done
    CONFLICT = "conflict"  # two were in each other's way, and the database has put one back
    LOST = "lost"  # the connection, perhaps nothing else
    AWAY = "away"  # it does not answer, has no room, takes no writes, or somebody else holds it
    OURS = "ours"  # what was asked cannot be done; asking again would not help


# https://www.postgresql.org/docs/current/errcodes-appendix.html
_CONFLICTS = ("40001", "40P01")  # serialization failure, deadlock
_TOO_LARGE = "54"  # program limit exceeded, such as a row too large for its index: always so for this row
_NO_WRITES = ("25006",)  # read-only: a standby, or a server about to be replaced
_WAITED = ("55P03", "57014")  # a lock, or a statement, took its whole time already
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def first(error: BaseException) -> BaseException:
    """The error that began it: a ROLLBACK that fails too hides it in its context."""
    found, each = error, error.__context__
    while each is not None:
        if isinstance(each, (DatabaseError, InterfaceError)):
            found = each
        each = each.__context__
    return found


def read(error: BaseException) -> ErrorKind:
    """What an error means, by what the driver says."""
    error = first(error)
    original = getattr(error, "orig", None)
    state = str(getattr(original, "sqlstate", None) or "")
    if state in _CONFLICTS:
        return ErrorKind.CONFLICT
    if state in _NO_WRITES or state in _WAITED:
        return ErrorKind.AWAY
    if state.startswith(_TOO_LARGE):
        return ErrorKind.OURS
    if isinstance(error, IntegrityError):
        return ErrorKind.RACE
    if getattr(original, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF in _BUSY:
        return ErrorKind.AWAY  # it was waited for already
    if isinstance(error, (OperationalError, InterfaceError)):
        return ErrorKind.LOST
    # Of a file that is damaged SQLite says no more than that it is one.
    damaged = type(error) is DatabaseError and isinstance(original, sqlite3.DatabaseError)
    return ErrorKind.AWAY if damaged else ErrorKind.OURS
