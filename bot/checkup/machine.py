"""Whether this machine is fit: Python, free space, file systems, and the web port."""

import asyncio
import errno
import json
import os
import platform
import shutil
from pathlib import Path
from typing import Any

import aiohttp

from bot import VERSION
from bot.files.store import AttachmentsFolderError
from bot.reports.findings import Finding, Findings, failed, failed_by, ok, skipped, warning
from bot.runtime.threads import in_thread

_LITTLE, _TOO_LITTLE = 1_000_000_000, 50_000_000  # bytes
_MOUNTS = Path("/proc/mounts")
_ANSWER_SECONDS = 5.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "[::]": "::1"}  # noqa: S104 - HOST may say so; we ask ourselves


async def check_program() -> Findings:
    """What is running here."""
    yield ok("program", f"Casebook {VERSION} on Python {platform.python_version()}, {platform.system()}")


async def check_web_port(host: str, port: int, session: aiohttp.ClientSession) -> Findings:
    """Whether the web port is free; if not, whether a bot answers there."""
    try:
        server = await asyncio.start_server(lambda _reader, writer: writer.close(), host.strip("[]"), port)
    except OSError as error:
        yield await _taken(host, port, session, error)
        return
    server.close()
    await server.wait_closed()
    yield ok("web port", f"{host}:{port} can be opened" if port else f"any free port of {host} can be opened")


async def _taken(host: str, port: int, session: aiohttp.ClientSession, error: OSError) -> Finding:
    # Python 3.13 passes over addresses that are not this machine's, and gives no number when none is left.
    number = error.errno or errno.EADDRNOTAVAIL
    reason = errno.errorcode.get(number, str(error))
    if number != errno.EADDRINUSE:
        return failed("web port", f"{host}:{port} cannot be opened: {reason}", "Choose another HOST or PORT.")
    health = await _health(_EVERYWHERE.get(host, host), port, session)
    if health == "healthy":
        return ok("web port", f"a bot answers at {host}:{port}, and it is healthy")
    if health:
        return warning("web port", f"a bot answers at {host}:{port}, and it is {health}", "Look at its /health.")
    return failed("web port", f"something else listens at {host}:{port}", "Choose another PORT, or stop that.")


async def _health(host: str, port: int, session: aiohttp.ClientSession) -> str:
    """The word of the bot that answers there, or an empty text when it is none."""
    name = f"[{host.strip('[]')}]" if ":" in host else host
    try:
        limit = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
        async with session.get(f"http://{name}:{port}/health", timeout=limit) as answer:
            said: Any = json.loads(await answer.text())
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return ""
    return str(said.get("status") or "") if isinstance(said, dict) and "services" in said else ""


async def check_attachments(folder: Path | None) -> Findings:
    """The folder for attachments, or where it will be made."""
    if folder is None:
        yield skipped("attachments", "ATTACHMENTS is none, so none are kept")
        return
    yield await in_thread(lambda: _attachments(folder))


def _attachments(folder: Path) -> Finding:
    there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        reason = os.strerror(errno.EACCES if there.is_dir() else errno.ENOTDIR)
        return failed_by("attachments", AttachmentsFolderError(there, reason))
    return space("attachments", there)


def space(what: str, folder: Path) -> Finding:
    """How much room is left where a folder is."""
    return judged_space(what, folder, shutil.disk_usage(folder).free)


def judged_space(what: str, folder: Path, free: int) -> Finding:
    """What so many free bytes mean; a full disk is the commonest end of a book."""
    found = f"{free / 1e9:.1f} GB are free at {folder}"
    if free < _TOO_LITTLE:
        return failed(what, f"only {free / 1e6:.0f} MB are free at {folder}", "Make room.")
    return warning(what, found, "Make room before it is full.") if free < _LITTLE else ok(what, found)


def file_system(folder: Path, mounts: Path = _MOUNTS) -> str:
    """The kind of file system on which a folder is, such as `ext4`; empty where the machine does not say."""
    try:
        lines = [line.split() for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return ""
    real = folder.resolve()
    found = [(len(point.parts), kind) for _, at, kind, *_ in lines if (point := Path(at)) in (real, *real.parents)]
    return max(found, default=(0, ""))[1]
