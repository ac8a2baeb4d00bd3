"""Who wrote a mail: the address in From, or the person behind a web form or group (design 3.2)."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.mail.parse import Mail
from casebook.records.addresses import is_unattended

# "'Mia Miller' via Support": Google Groups rewrites From so if the writer's domain has a strict DMARC policy.
_VIA = re.compile(r"\s+(?:via|über|par|por|tramite)\s+\S.*$", re.IGNORECASE)
_QUOTES = "'\"\u2018\u2019\u201c\u201d "


@dataclass(frozen=True, slots=True)
class Writer:
    """The writer of a mail."""

    address: str  # lower case; empty if unknown
    name: str
    is_sender: bool  # whether From names the writer; if not, authentication results do not apply


def writer_in_from(mail: Mail) -> Writer:
    """The address in From, which is the writer of any automatic mail."""
    return Writer(mail.from_addr or "", mail.from_name, is_sender=True)


def writer_of(mail: Mail, is_ours: Callable[[str], bool]) -> Writer:
    """Who wrote a mail that is not automatic.

    Normally the address in From. If that is one of ours or a no-reply address: `X-Original-From`, `X-Original-Sender`
    or the only outside address in Reply-To, in this order. These headers can be forged.
    """
    address = mail.from_addr or ""
    if address and not is_ours(address) and not is_unattended(address):
        return writer_in_from(mail)
    outside = [box for box in mail.original_senders if not is_ours(box.address) and not is_unattended(box.address)]
    answered = [box for box in mail.reply_to if not is_ours(box.address)]
    if not outside and len({box.address for box in answered}) == 1 and not is_unattended(answered[0].address):
        outside = answered[:1]
    if not outside:
        return writer_in_from(mail)
    return Writer(outside[0].address, outside[0].name or _name_before_via(mail), is_sender=False)


def _name_before_via(mail: Mail) -> str:
    """The writer's name from a From such as "Mia via Support"; empty if From has no such form."""
    before = _VIA.sub("", mail.from_name)
    return before.strip(_QUOTES) if before != mail.from_name else ""
