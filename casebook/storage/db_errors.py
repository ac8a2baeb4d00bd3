"""Classifies database errors: run the operation again, try it later, or report a fault of the operation."""

import sqlite3
from enum import StrEnum

from peewee import DatabaseError, IntegrityError, InterfaceError, OperationalError


class ErrorKind(StrEnum):
    """What an error calls for."""

    RACE = "race"  # a concurrent transaction did the same: run again, to find it done
    CONFLICT = "conflict"  # a deadlock or serialization failure: run again
    LOST = "lost"  # the connection was lost: connect and run again
    AWAY = "away"  # unavailable, full, read-only or locked: try later
    OURS = "ours"  # the operation itself is at fault: raise


# https://www.postgresql.org/docs/current/errcodes-appendix.html
_CONFLICTS = ("40001", "40P01")  # serialization failure, deadlock
_TOO_LARGE = "54"  # program limit exceeded, such as a row too large for its index
_NO_WRITES = ("25006",)  # read-only: a standby, or a server about to be replaced
_WAITED = ("55P03", "57014")  # lock_timeout or statement_timeout
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def first(error: BaseException) -> BaseException:
    """The original error: when ROLLBACK fails too, it is in the context of that error."""
    found, each = error, error.__context__
    while each is not None:
        if isinstance(each, (DatabaseError, InterfaceError)):
            found = each
        each = each.__context__
    return found


def read(error: BaseException) -> ErrorKind:
    """Classify an error by its SQLSTATE, its SQLite error code or its class."""
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
        return ErrorKind.AWAY  # SQLite has waited for busy_timeout already
    if isinstance(error, (OperationalError, InterfaceError)):
        return ErrorKind.LOST
    # SQLite reports a damaged file as a plain DatabaseError.
    damaged = type(error) is DatabaseError and isinstance(original, sqlite3.DatabaseError)
    return ErrorKind.AWAY if damaged else ErrorKind.OURS
