"""Finds which mails of a folder are to be read, from the stored position and the state of the server."""

from datetime import date

from bot.mail.imap.cursor import Position
from bot.mail.imap.responses import imap_date
from bot.mail.imap.session import Session


async def where_to_begin(session: Session, kept: str | None, *, today: date) -> Position:
    """The stored position, or a new one where there is none or UIDVALIDITY has changed."""
    position = Position.parse(kept) if kept else None
    if position is not None and position.uid_validity == session.uid_validity:
        return position
    if position is None:
        # The first start: unseen mail is read, older mail is not.
        since, pending = today, await session.search("UNSEEN")
    else:
        # The old UIDs are void: read everything again; the ledger knows what is stored already.
        since = position.since
        pending = await session.search("SINCE", imap_date(since))
    last = max([session.next_uid - 1, *pending])
    return Position(session.uid_validity, last, since, tuple(pending))


async def waiting_there(session: Session, position: Position) -> list[int]:
    """The UIDs of the mails that are to be read, in order."""
    first = position.uid + 1
    # `n:*` includes the last mail even when its UID is below n.
    new = [uid for uid in await session.search("UID", f"{first}:*") if uid >= first]
    return [*position.pending, *new]
