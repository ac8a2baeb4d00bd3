"""Emails made to overload a parser, and what parsing each one costs in a separate process."""

import base64
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.mail.parse import read_mail

PROCESSOR_SECONDS = 30
ADDRESS_SPACE = 2_000_000_000

_ODD = b"Subject: =?utf-16?b?ANg=?=\nContent-Type: text/plain; charset=klingon\n\n"
_GROUP = b"Final-Recipient: rfc822; a@example.org\nAction: failed\n\n"
_FILE = b"Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n"
_HEAD = b"From: Mia <mia@customer.example.com>\nMessage-ID: <a@customer.example.com>\n"
_HTML = _HEAD + b"Content-Type: text/html\n\n"
_MIXED = _HEAD + b"Content-Type: multipart/mixed; boundary=cut\n\n"


def _nested(levels: int, filling: bytes) -> bytes:
    heads = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(levels))
    return _HEAD + heads + b"Content-Type: text/plain\n\n" + filling


HOSTILE: dict[str, Callable[[], bytes]] = {
    "5.6 MB of header fields": lambda: _HEAD + b"X-a: b\n" * 800_000 + b"\nhello",
    "2 MB folded into one header": lambda: _HEAD + b"X: y\n" + b" y\n" * 700_000 + b"\nhello",
    "References of 2 MB": lambda: _HEAD + b"References: " + b"<aaaaaaaaaa@example.org>\n " * 80_000 + b"\n\nhello",
    "subject of 218 kB in encoded words": lambda: (
        _HEAD + b"Subject: " + b"=?utf-8?q?=C3=A9=C3=A9=C3=A9=C3=A9?= " * 5_900 + b"\n\nhello"
    ),
    "twenty lines of 160 kB": lambda: _HEAD + b"\n" + (b"> " * 80_000 + b"\n") * 20,
    "300,000 lines that begin an attribution": lambda: _HEAD + b"\n" + b"On 3 May 2026 a\n" * 300_000,
    "8,000 lines of 400 blanks": lambda: _HEAD + b"\n" + (b" " * 398 + b"x\n") * 8_000,
    "30,000 tags that never end": lambda: _HTML + b"<a " * 30_000,
    "30,000 tags nested": lambda: _HTML + b"<div>" * 30_000,
    "5 MB of HTML": lambda: _HTML + b"<p>hello <b>x</b></p>\n" * 250_000,
    "2,000 parts": lambda: _MIXED + b"--cut\nContent-Type: text/plain\n\nhello\n" * 2_000,
    "2,000 parts nested": lambda: _nested(2_000, b"hello"),
    "24 MB below forty levels": lambda: _nested(39, b"x" * 24_000_000),
    "20 MB of what looks like a boundary": lambda: _nested(39, b"--b1 " * 4_000_000),
    "Message-ID: <[a@b": lambda: b"From: mia@customer.example.com\nMessage-ID: <[a@b\n\nhello",
    "unknown charset, NULs, lone surrogates": lambda: (
        _HEAD + _ODD + b"he\0llo\xed\xa0\x80" * 90_000
    ),
    "20,000 recipients in a delivery status": lambda: (
        _HEAD + b"Content-Type: message/delivery-status\n\n" + _GROUP * 20_000
    ),
    "24 MB of attachment": lambda: (
        _HEAD + _FILE + base64.encodebytes(bytes(18_000_000))
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """The cost of parsing one email."""

    name: str
    size: int  # bytes
    seconds: float
    process_mb: float  # the peak memory of the process, including Python and our modules
    own_mb: float  # how much of it the parsing added
    cut: bool


def measure(name: str) -> Cost | None:
    """Parse one hostile email in a separate process with limits; None if it was killed by them."""
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.hostile", name], capture_output=True, text=True, check=False
    )
    if finished.returncode:
        return None
    size, seconds, process, own, cut = finished.stdout.split()
    return Cost(name, int(size), float(seconds), float(process), float(own), cut == "True")


def _read(name: str) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    raw = HOSTILE[name]()
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # resets the peak
    started = time.perf_counter()
    mail = read_mail(raw)
    seconds = time.perf_counter() - started
    peak = _memory("VmHWM")
    print(len(raw), seconds, peak, peak - before, mail.cut)


def _memory(field: str) -> float:
    """A memory field of this process in megabytes, as reported by Linux."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(field)) / 1_000


if __name__ == "__main__":
    _read(sys.argv[1])
