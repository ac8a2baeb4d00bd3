"""Who wrote a mail: whom From names, or for whom a web form or a group wrote it in a name of its own (design 3.2)."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.mail.parse import Mail
from casebook.records.addresses import is_unattended

# "'Mia Miller' via Support", as Google Groups names somebody whose domain forbids that others send in its name.
_VIA = re.compile(r"\s+(?:via|über|par|por|tramite)\s+\S.*$", re.IGNORECASE)
_QUOTES = "'\"\u2018\u2019\u201c\u201d "


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody who wrote a mail; `is_sender` says whether From names them: without that they prove nothing."""

    address: str  # lower case; empty: nobody can be told
    name: str
    is_sender: bool


def named_in_from(mail: Mail) -> Writer:
    """Whom From names: a program's mail has no other writer."""
    return Writer(mail.from_addr or "", mail.from_name, is_sender=True)


def writer_of(mail: Mail, is_ours: Callable[[str], bool]) -> Writer:
    """Who wrote a mail that is not automatic.

    Where From is an address of ours, or one that nobody reads, it is whom `X-Original-From`, `X-Original-Sender` or
    the one outside address in Reply-To names, in this order. Anybody can write these headers.
    """
    address = mail.from_addr or ""
    if address and not is_ours(address) and not is_unattended(address):
        return named_in_from(mail)
    outside = [box for box in mail.original_senders if not is_ours(box.address) and not is_unattended(box.address)]
    answered = [box for box in mail.reply_to if not is_ours(box.address)]
    if not outside and len({box.address for box in answered}) == 1 and not is_unattended(answered[0].address):
        outside = answered[:1]
    if not outside:
        return named_in_from(mail)
    return Writer(outside[0].address, outside[0].name or _named_in(mail), is_sender=False)


def _named_in(mail: Mail) -> str:
    """The writer's name as a group shows it in From; empty where From has only its own."""
    before = _VIA.sub("", mail.from_name)
    return before.strip(_QUOTES) if before != mail.from_name else ""
