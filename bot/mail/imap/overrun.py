"""Mails whose reading overran: each is read again when the others are in the book, and at last as far as it can be."""

from collections.abc import Sequence

from bot.mail.worker.job import ReadMail, ReadResult, Unread, read_at_last


class Suspects:
    """Reads mails, and puts off those that take too long or end the process that reads; by their UIDs."""

    def __init__(self, read: ReadMail) -> None:
        self._read = read
        self._uid_validity = 0
        self._put_off: set[int] = set()

    def in_folder(self, uid_validity: int) -> None:
        """The folder that is read; when it was built anew, other mails have these numbers."""
        if uid_validity != self._uid_validity:
            self._uid_validity = uid_validity
            self._put_off.clear()

    async def read(self, uid: int, mail: Unread) -> ReadResult | None:
        """What stands in a mail, or None when it is put off, which happens once."""
        if uid in self._put_off:
            self._put_off.discard(uid)
            return await self.read_at_last(mail)
        reading = await self._read(mail)
        if reading.overran:
            self._put_off.add(uid)
            return None
        return reading

    async def read_at_last(self, mail: Unread) -> ReadResult:
        """What stands in a mail, whatever it takes."""
        return await read_at_last(self._read, mail)

    def among(self, uids: Sequence[int]) -> list[int]:
        """Those of these mails that are put off."""
        return [uid for uid in uids if uid in self._put_off]
