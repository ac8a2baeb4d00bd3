"""Where in a folder there is something to read: as far as the book knows, and as the server has it now."""

from datetime import date

from bot.mail.imap.cursor import Position
from bot.mail.imap.responses import imap_date
from bot.mail.imap.session import Session


async def where_to_begin(session: Session, kept: str | None, *, today: date) -> Position:
    """The position that is `kept` in the book, or another where it says nothing about this folder as it is now."""
    position = Position.parse(kept) if kept else None
    if position is not None and position.uid_validity == session.uid_validity:
        return position
    if position is None:
        # The first start: what nobody has opened yet is taken, older mail is not.
        since, pending = today, await session.search("UNSEEN")
    else:
        # The UIDs mean nothing any more: read again; what is known already, the ledger knows.
        since = position.since
        pending = await session.search("SINCE", imap_date(since))
    last = max([session.next_uid - 1, *pending])
    return Position(session.uid_validity, last, since, tuple(pending))


async def waiting_there(session: Session, position: Position) -> list[int]:
    """The UIDs of the mails that are to be taken, in order."""
    first = position.uid + 1
    # `n:*` names the last mail even when its UID is below n.
    new = [uid for uid in await session.search("UID", f"{first}:*") if uid >= first]
    return [*position.pending, *new]
