"""Postpones mails whose parsing timed out or crashed: each is parsed again after the others, with less effort."""

from collections.abc import Sequence

from bot.mail.worker.job import ReadMail, ReadResult, Unread, read_at_last


class PostponedMails:
    """Parses mails, and postpones those that time out or crash the parser process; by their UIDs."""

    def __init__(self, read: ReadMail) -> None:
        self._read = read
        self._uid_validity = 0
        self._postponed: set[int] = set()

    def in_folder(self, uid_validity: int) -> None:
        """Set the folder's UIDVALIDITY; a new value voids the UIDs."""
        if uid_validity != self._uid_validity:
            self._uid_validity = uid_validity
            self._postponed.clear()

    async def read(self, uid: int, mail: Unread) -> ReadResult | None:
        """The parsed mail, or None when it is postponed, which happens once."""
        if uid in self._postponed:
            self._postponed.discard(uid)
            return await self.read_at_last(mail)
        reading = await self._read(mail)
        if reading.overran:
            self._postponed.add(uid)
            return None
        return reading

    async def read_at_last(self, mail: Unread) -> ReadResult:
        """The parsed mail; with less effort after a timeout."""
        return await read_at_last(self._read, mail)

    def among(self, uids: Sequence[int]) -> list[int]:
        """Those of these mails that are postponed."""
        return [uid for uid in uids if uid in self._postponed]
