"""Measure the time to parse an email, compared with the standard library, and the cost of hostile emails."""

import email
import time
from collections.abc import Callable
from email import policy
from statistics import median

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.hostile import HOSTILE, Cost, measure
from bot.mail.parse import read_mail

ROUNDS = 30
MAILS = 20  # different emails per round, of the same kind and about 3 kB each

_WORDS = [
    "The",
    "printer",
    "in",
    "the",
    "hall",
    "does",
    "not",
    "take",
    "the",
    "paper",
    "from",
    "the",
    "second",
    "tray",
    "since",
    "Monday",
    "morning.",
]
_TYPICAL = """\
Return-Path: <mia@customer.example.com>
Received: from mx.customer.example.com (mx.customer.example.com [192.0.2.7])
\tby mail.casebook.example.org (Postfix) with ESMTPS id 4F1
\tfor <support@casebook.example.org>; Mon,  2 Mar 2026 16:58:{number:02} +0100 (CET)
Authentication-Results: mail.casebook.example.org; dkim=pass header.d=customer.example.com;
\tspf=pass smtp.mailfrom=mia@customer.example.com; dmarc=pass header.from=customer.example.com
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=customer.example.com; s=s1;
\th=from:to:subject:date:message-id; bh={filling};
\tb={filling}{filling}
From: =?utf-8?q?Mia_M=C3=BCller?= <mia@customer.example.com>
To: Support <support@casebook.example.org>
Subject: =?utf-8?q?Re=3A_Der_Drucker_zieht_kein_Papier_=E2=80=93_?= {number}
Date: Mon, 02 Mar 2026 16:58:{number:02} +0100
Message-ID: <mail-{number}@customer.example.com>
In-Reply-To: <answer-{number}@casebook.example.org>
References: <first-{number}@customer.example.com> <answer-{number}@casebook.example.org>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="cut-{number}"

--cut-{number}
Content-Type: text/plain; charset="UTF-8"
Content-Transfer-Encoding: quoted-printable

{text}

On Mon, 2 Mar 2026 at 10:00, Support <support@casebook.example.org> wrote:

> Have you tried the other tray?
> {quote}

--cut-{number}
Content-Type: text/html; charset="UTF-8"
Content-Transfer-Encoding: quoted-printable

<div dir=3D"ltr">{text}</div><br>
<div class=3D"gmail_quote"><div>On Mon, 2 Mar 2026 at 10:00, Support wrote:<br></div>
<blockquote class=3D"gmail_quote">Have you tried the other tray?<br>{quote}</blockquote></div>

--cut-{number}--
"""


def typical(number: int) -> bytes:
    """An email as customers write them: a reply with a quote, as text and as HTML, about 3 kB."""
    words = _WORDS[number % 7 :] + _WORDS
    text = "\n".join(" ".join(words[start : start + 9]) for start in range(0, 27, 9))
    filling = "abcdefghijklmnopqrstuvwxyz0123456789ABCD" * 2
    return _TYPICAL.format(number=number, text=text, quote=" ".join(words[:20]), filling=filling).encode()


def by_standard_library(raw: bytes) -> tuple[object, ...]:
    """The fields that `policy.default` gives for the same email: sender, subject, references and text."""
    message = email.message_from_bytes(raw, policy=policy.default)
    body = message.get_body(("plain", "html"))
    names = ("from", "to", "subject", "message-id", "in-reply-to", "references")
    return (*(str(message[name]) for name in names), body.get_content() if body is not None else "")


def compare() -> tuple[list[float], list[float]]:
    """Milliseconds per email in each round, for Casebook and the standard library; they alternate in going first."""
    mails = [typical(number) for number in range(MAILS)]
    times: tuple[list[float], list[float]] = ([], [])
    readers: tuple[Callable[[bytes], object], ...] = (read_mail, by_standard_library)
    for reader in readers:
        _milliseconds(reader, mails)  # warms up imports and caches
    for number in range(ROUNDS):
        for side in (0, 1) if number % 2 == 0 else (1, 0):
            times[side].append(_milliseconds(readers[side], mails))
    return times


def _milliseconds(reader: Callable[[bytes], object], mails: list[bytes]) -> float:
    started = time.perf_counter()
    for raw in mails:
        reader(raw)
    return (time.perf_counter() - started) * 1_000 / len(mails)


def _spread(values: list[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def show(console: Console, times: tuple[list[float], list[float]], costs: list[tuple[str, Cost | None]]) -> None:
    """Print two tables: the time for a typical email beside the standard library's, and the cost of hostile emails."""
    size = sum(len(typical(number)) for number in range(MAILS)) / MAILS
    ratios = [ours / theirs for ours, theirs in zip(*times, strict=True)]
    table = Table("mail", "Casebook, ms", "policy.default, ms", "ratio")
    table.add_row(f"typical, {size / 1_000:.1f} kB", _spread(times[0]), _spread(times[1]), _spread(ratios))
    console.print(table)
    hostile = Table("hostile mail", "MB", "seconds", "peak MB", "of it reading", "cut")
    for name, cost in costs:
        if cost is None:
            hostile.add_row(name, "", "died", "", "", "")
        else:
            row = (f"{cost.size / 1e6:.1f}", f"{cost.seconds:.3f}", f"{cost.process_mb:.0f}", f"{cost.own_mb:.0f}")
            hostile.add_row(name, *row, "yes" if cost.cut else "no")
    console.print(hostile)


def main() -> None:
    """Run both measurements and print them."""
    console = Console()
    times = compare()
    with Progress(console=console, transient=True) as progress:
        names = progress.track(HOSTILE, description="Hostile mail")
        costs = [(name, measure(name)) for name in names]
    show(console, times, costs)


if __name__ == "__main__":
    main()
