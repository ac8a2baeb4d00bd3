"""A SQLite book of which nothing is written into a file that is not there any more."""

from pathlib import Path
from typing import Any

from peewee import OperationalError, SqliteDatabase

_PRAGMAS = {"journal_mode": "wal", "synchronous": "full", "foreign_keys": 1, "busy_timeout": 5000}


class File(SqliteDatabase):
    """SQLite, in a file; one that is removed or replaced while it is open is noticed.

    SQLite itself goes on writing into a file that has no name any more, and all of it is lost with the last handle.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._known: tuple[int, int] | None = None  # the file that the connections have open
        # IMMEDIATE: with the default lock a read-then-write transaction fails as soon as another one has written.
        super().__init__(str(path), pragmas=_PRAGMAS, lock_type="IMMEDIATE", autoconnect=False)

    def connect(self: Any, reuse_if_open: bool = False) -> bool:
        """Connect, to another file of this name where the one that was open is gone; raises OperationalError."""
        there = self._there()
        if self._known is not None and there != self._known:
            if not self.is_closed():
                self.close()
            if there is None:
                raise OperationalError(f"its file {self._path} is gone")
            self._known = None
        is_new = bool(super().connect(reuse_if_open))
        if self._known is None:
            self._known = self._there()
        return is_new

    def check(self) -> None:
        """Raise OperationalError when what was just written went into a file that is gone."""
        if self._known is not None and self._there() != self._known:
            raise OperationalError(f"its file {self._path} is gone")

    def _there(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
