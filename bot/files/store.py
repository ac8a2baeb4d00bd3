"""The folder with attachments: each file is named by the SHA-256 of its bytes, and is never opened or executed."""

import asyncio
import errno
import fcntl
import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.runtime.threads import in_thread
from casebook.errors import CasebookError

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_UNFINISHED = "unfinished-"
_NO_LOCKS = (errno.EBADF, errno.ENOLCK, errno.EOPNOTSUPP)  # as NFS answers for a folder


class AttachmentsFolderError(CasebookError):
    """ATTACHMENTS names a folder that cannot be written to."""

    def __init__(self, folder: Path, reason: str | None) -> None:
        super().__init__(f"ATTACHMENTS: {folder} cannot be written to ({reason}); name another folder, or none.")


class LostFileError(CasebookError):
    """A kept file is not in the folder any more, or is not what was kept."""


class Store:
    """Files by the SHA-256 of their content, in hex.

    The same bytes are one file, however often they are received. Two processes may write it at the same time: each
    writes a temporary file and renames it. A file that is saved while it is being removed exists afterwards.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._is_failing = False

    @property
    def folder(self) -> Path:
        """Where the files are."""
        return self._folder

    def open(self) -> None:
        """Make the folder for this user alone; raises AttachmentsFolderError with what to do."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe = self._unfinished()
            _write(probe, b"")
            probe.unlink()
        except OSError as error:
            raise AttachmentsFolderError(self._folder, error.strerror) from error

    def keep(self, content: bytes) -> str:
        """Save these bytes durably (fsync), and return their SHA-256 in hex. Raises OSError."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        with self._locked():
            if path.is_file() and path.stat().st_size == len(content):
                os.utime(path)  # not removed before its message is in the database
                return sha256
        path.parent.mkdir(mode=0o700, exist_ok=True)
        unfinished = self._unfinished()
        try:
            _write(unfinished, content)
            with self._locked():
                unfinished.rename(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        for folder in (path.parent, self._folder):
            _to_disk(folder)
        return sha256

    def read(self, sha256: str) -> bytes:
        """The bytes of a kept file; raises LostFileError when they are gone or have changed."""
        try:
            content = self._path(sha256).read_bytes()
        except OSError as error:
            raise LostFileError(f"A kept file cannot be read: {error.strerror}.") from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise LostFileError("A kept file is not what was kept.")
        return content

    async def content(self, sha256: str) -> bytes:
        """The same as `read`, without blocking the event loop."""
        return await in_thread(lambda: self.read(sha256))

    async def take(self, content: bytes) -> str:
        """The same as `keep`, without blocking the event loop; raises OSError."""
        return await asyncio.to_thread(self.keep, content)

    def older_than(self, moment: datetime) -> Iterator[str]:
        """The SHA-256 of each file from before this moment; also removes temporary files that a crash left."""
        for path in self._folder.glob("[0-9a-f][0-9a-f]/*"):
            if path.is_file() and _written_at(path) < moment:
                yield path.name
        for path in self._folder.glob(f"{_UNFINISHED}*"):
            if _written_at(path) < moment:
                path.unlink(missing_ok=True)

    def remove(self, sha256: str, *, older_than: datetime) -> bool:
        """Remove a file unless it was saved again since this moment; returns whether it was removed."""
        path = self._path(sha256)
        with self._locked():
            if not path.is_file() or _written_at(path) >= older_than:
                return False
            path.unlink(missing_ok=True)
            return True

    def starts_failing(self, *, failed: bool) -> bool:
        """Whether saving failed now and not the time before, so that a failure is reported once until it is over."""
        begins = failed and not self._is_failing
        self._is_failing = failed
        return begins

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the lock of the folder, among all processes; the kernel frees it when the process ends.

        On a file system without locks there is no exclusion: a file that is removed while it is saved again is lost.
        """
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
            except OSError as error:
                if error.errno not in _NO_LOCKS:
                    raise
            yield
        finally:
            os.close(handle)

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """The block reports a failure; if that raises, the next failure is reported again."""
        try:
            yield
        except BaseException:
            self._is_failing = False
            raise

    def _path(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise LostFileError("That is no name of a kept file.")
        return self._folder / sha256[:2] / sha256

    def _unfinished(self) -> Path:
        return self._folder / f"{_UNFINISHED}{uuid.uuid4().hex}"


def why_not_kept(error: OSError) -> str:
    """Why a file could not be saved, for users to read."""
    return "the disk is full" if error.errno in _NO_ROOM else "the folder for attachments cannot be written to"


def _write(path: Path, content: bytes) -> None:
    """Write a new file with permissions for this user only, and fsync it."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _to_disk(folder: Path) -> None:
    """Fsync a folder: a new file survives a crash only when its directory entry is on disk too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _written_at(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return datetime.max.replace(tzinfo=UTC)
