"""Checks this machine: the program and Python, the web port, the attachments folder, free space, file systems."""

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

_LOW_SPACE, _NO_SPACE = 1_000_000_000, 50_000_000  # bytes
_MOUNTS = Path("/proc/mounts")
_ANSWER_SECONDS = 5.0
_ALL_ADDRESSES = {"0.0.0.0": "127.0.0.1", "::": "::1", "[::]": "::1"}  # noqa: S104 - HOST may be one of these; we connect to the loopback address


async def check_program() -> Findings:
    """The versions of Casebook and Python, and the operating system."""
    yield ok("program", f"Casebook {VERSION} on Python {platform.python_version()}, {platform.system()}")


async def check_web_port(host: str, port: int, session: aiohttp.ClientSession) -> Findings:
    """Whether the web port is free, or else whether a bot answers there."""
    try:
        server = await asyncio.start_server(lambda _reader, writer: writer.close(), host.strip("[]"), port)
    except OSError as error:
        yield await _taken(host, port, session, error)
        return
    server.close()
    await server.wait_closed()
    yield ok("web port", f"{host}:{port} can be opened" if port else f"any free port of {host} can be opened")


async def _taken(host: str, port: int, session: aiohttp.ClientSession, error: OSError) -> Finding:
    # Python 3.13 skips addresses that are not local, and sets no errno when none is left.
    number = error.errno or errno.EADDRNOTAVAIL
    reason = errno.errorcode.get(number, str(error))
    if number != errno.EADDRINUSE:
        return failed("web port", f"{host}:{port} cannot be opened: {reason}", "Choose another HOST or PORT.")
    health = await _health(_ALL_ADDRESSES.get(host, host), port, session)
    if health == "healthy":
        return ok("web port", f"a bot answers at {host}:{port}, and it is healthy")
    if health:
        return warning("web port", f"a bot answers at {host}:{port}, and it is {health}", "Look at its /health.")
    return failed("web port", f"something else listens at {host}:{port}", "Choose another PORT, or stop that.")


async def _health(host: str, port: int, session: aiohttp.ClientSession) -> str:
    """The status of the bot that answers there; empty when it is no bot."""
    name = f"[{host.strip('[]')}]" if ":" in host else host
    try:
        limit = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
        async with session.get(f"http://{name}:{port}/health", timeout=limit) as answer:
            health: Any = json.loads(await answer.text())
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return ""
    return str(health.get("status") or "") if isinstance(health, dict) and "services" in health else ""


async def check_attachments(folder: Path | None) -> Findings:
    """The attachments folder, or the folder in which it will be created."""
    if folder is None:
        yield skipped("attachments", "ATTACHMENTS is none, so none are kept")
        return
    yield await in_thread(lambda: _attachments(folder))


def _attachments(folder: Path) -> Finding:
    nearest = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        reason = os.strerror(errno.EACCES if nearest.is_dir() else errno.ENOTDIR)
        return failed_by("attachments", AttachmentsFolderError(nearest, reason))
    return space("attachments", nearest)


def space(what: str, folder: Path) -> Finding:
    """The free space on the file system of a folder."""
    return space_finding(what, folder, shutil.disk_usage(folder).free)


def space_finding(what: str, folder: Path, free: int) -> Finding:
    """Whether so many free bytes suffice; on a full disk nothing can be stored."""
    found = f"{free / 1e9:.1f} GB are free at {folder}"
    if free < _NO_SPACE:
        return failed(what, f"only {free / 1e6:.0f} MB are free at {folder}", "Make room.")
    return warning(what, found, "Make room before it is full.") if free < _LOW_SPACE else ok(what, found)


def file_system(folder: Path, mounts: Path = _MOUNTS) -> str:
    """The type of file system on which a folder is, such as `ext4`; empty where /proc/mounts cannot be read."""
    try:
        lines = [line.split() for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return ""
    real = folder.resolve()
    found = [(len(point.parts), kind) for _, at, kind, *_ in lines if (point := Path(at)) in (real, *real.parents)]
    return max(found, default=(0, ""))[1]
