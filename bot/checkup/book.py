"""Checks the database of the settings: the file or the server, the rights, the clock and the schema."""

import asyncio
import os
from datetime import datetime, timedelta
from pathlib import Path

from bot.checkup.machine import file_system, space
from bot.clock import Clock
from bot.reports.findings import Finding, Findings, Verdict, failed, failed_by, ok, warning
from bot.runtime.threads import in_thread
from casebook import database
from casebook.admin import inspection
from casebook.admin.inspection import Between, BookFacts, ServerFacts
from casebook.errors import CasebookError, NewerBookError, PoolerError

_CLOCKS_APART = timedelta(seconds=5)
# SQLite's locks and its write-ahead log need a local file system: https://sqlite.org/wal.html
_NETWORK_KINDS = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "glusterfs",
    "fuse.sshfs",
    "vboxsf",
}


class Book:
    """The database of the settings, inspected once for all checks."""

    def __init__(self, url: str, clock: Clock) -> None:
        self.url = url
        self._clock = clock
        self._inspecting: asyncio.Task[BookFacts | None] | None = None
        self.inspected_at: datetime | None = None

    async def inspect(self) -> BookFacts | None:
        """The facts about the database, None where there is no file yet; raises CasebookError."""
        if self._inspecting is None:
            self._inspecting = asyncio.create_task(self._inspect())
        return await asyncio.shield(self._inspecting)

    async def kept(self, door: str) -> str | None:
        """The stored read position of a door, such as an inbox; raises CasebookError."""
        facts = await self.inspect()
        return facts.positions.get(door) if facts else None

    async def _inspect(self) -> BookFacts | None:
        facts = await in_thread(lambda: inspection.look(self.url))
        self.inspected_at = self._clock.now()
        return facts


async def check_book(book: Book) -> Findings:
    """The file and its folder, or the server; then the schema."""
    path = database.sqlite_file(book.url)
    if path is not None:
        found = await in_thread(lambda: _file(path, book.url))
        for finding in found:
            yield finding
        if any(finding.state is Verdict.FAILED and finding.what in ("folder", "file") for finding in found):
            return
    try:
        facts = await book.inspect()
    except CasebookError as error:
        yield _unreadable(str(error), is_file=path is not None)
        return
    if facts is None:
        yield ok("schema", "there is no book yet; the first start makes it")
        return
    yield ok("version", facts.version)
    if facts.server is not None:
        for finding in _server(facts.server, book.inspected_at or facts.server.clock):
            yield finding
    yield schema_finding(facts)


def _unreadable(error: str, *, is_file: bool) -> Finding:
    if is_file:
        return failed("book", error, "Name another file in DATABASE_URL, or put a copy of the book in its place.")
    return failed("connection", error, "See that the server runs, and that DATABASE_URL has its host, name and login.")


def _file(path: Path, url: str) -> list[Finding]:
    folder = path.absolute().parent
    if not folder.is_dir():
        return [failed("folder", f"there is no folder {folder}", "Make it, or correct DATABASE_URL.")]
    if not os.access(folder, os.W_OK | os.X_OK):
        return [failed("folder", f"{folder} cannot be written to by this user", "SQLite makes files beside the book.")]
    kind = file_system(folder)
    found = [ok("folder", f"{folder} can be written to{f', on {kind}' if kind else ''}")]
    if kind in _NETWORK_KINDS:
        found = [
            warning("folder", f"{folder} is on {kind}, where SQLite's locks cannot be relied on", "Use a local disk.")
        ]
    if path.exists():
        found.append(_readable(path))
    found.append(space("free space", folder))
    if inspection.is_locked(url):
        found.append(ok("lock", "a bot is running on this book"))
    elif path.is_file():
        found.append(ok("lock", "no bot is running on this book"))
    return found


def _readable(path: Path) -> Finding:
    if not path.is_file():
        return failed("file", f"{path} is no file", "Correct DATABASE_URL.")
    if not os.access(path, os.R_OK | os.W_OK):
        return failed("file", f"{path} cannot be read and written by this user", "Give it to the user of the bot.")
    size = path.stat().st_size
    mode = inspection.journal_mode(path)
    if size and not mode:
        advice = "Name another file in DATABASE_URL, or put a copy of the book in its place."
        return failed("file", f"{path} is no SQLite database", advice)
    journal = {"wal": "with a write-ahead log", "rollback": "with a rollback journal, which the next start changes"}
    return ok("file", f"{path}, {_bytes(size)}, {journal.get(mode, 'and empty')}")


def _bytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.0f} kB"


def _server(server: ServerFacts, now: datetime) -> list[Finding]:
    found = [_pooler(server.between)]
    if server.read_only:
        found.append(failed("rights", "the server takes no writes", "Name the primary, not a standby."))
    elif not server.may_create:
        advice = "GRANT CREATE ON SCHEMA to the role of DATABASE_URL, or give it the database."
        found.append(failed("rights", "this role may not create tables in the schema that it uses", advice))
    elif server.not_ours:
        tables = ", ".join(server.not_ours)
        found.append(failed("rights", f"this role may not write to {tables}", "Use the role that made the tables."))
    else:
        found.append(ok("rights", "this role may create tables and write to them"))
    apart = abs(server.clock - now)
    difference = f"the server's clock and this machine's differ by {apart.total_seconds():.0f} s"
    advice = "Let both set their clocks by NTP."
    found.append(warning("clock", difference, advice) if apart > _CLOCKS_APART else ok("clock", difference))
    return found


def _pooler(between: Between) -> Finding:
    if between is Between.TRANSACTION_POOLER:
        return failed_by("connection", PoolerError())
    if between is Between.NO_ROOM:
        advice = "Let it take more: a bot and the casebook command need one each."
        return failed("connection", "it takes no second connection beside the first", advice)
    if between is Between.SESSION_POOLER:
        return ok("connection", "it answers, through a pooler that keeps a session for each client")
    return ok("connection", "it answers, and nothing stands between")


def schema_finding(facts: BookFacts) -> Finding:
    """Whether the schema of the database fits this program."""
    if facts.unknown:
        return failed_by("schema", NewerBookError(facts.unknown[-1]))
    if not facts.taken:
        return ok("schema", "there are no tables yet; the first start makes them")
    if facts.lacking:
        steps = f"{len(facts.lacking)} step{'' if len(facts.lacking) == 1 else 's'}"
        return ok("schema", f"{steps} behind this program; the next start, or `casebook migrate`, brings it up to date")
    return ok("schema", f"up to date, at {facts.taken[-1]}")
