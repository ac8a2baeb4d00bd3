"""SQLite that detects when its file was removed or replaced, so that no write is lost silently."""

from pathlib import Path
from typing import Any

from peewee import OperationalError, SqliteDatabase

PRAGMAS = {"journal_mode": "wal", "synchronous": "full", "foreign_keys": 1, "busy_timeout": 5000}


class File(SqliteDatabase):
    """SQLite in a file; detects when the file is removed or replaced while it is open.

    SQLite itself goes on writing into the unlinked file, and everything is lost when the last handle is closed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._known: tuple[int, int] | None = None  # device and inode of the file that is open
        # IMMEDIATE: a deferred transaction that reads and then writes fails if another one has written meanwhile.
        super().__init__(str(path), pragmas=PRAGMAS, lock_type="IMMEDIATE", autoconnect=False)

    def connect(self: Any, reuse_if_open: bool = False) -> bool:
        """Connect, to the new file where the file was replaced; raises OperationalError where it is gone."""
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
        """Raise OperationalError when the last write went into a file that was removed or replaced."""
        if self._known is not None and self._there() != self._known:
            raise OperationalError(f"its file {self._path} is gone")

    def _there(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino
