"""Splits mails into batches that fit into one server response and into memory."""

from collections.abc import Iterator

from bot.mail.imap.responses import Fetched

BATCH = 50  # mails; the library fails with RecursionError on responses above about 1,000 lines
_BATCH_BYTES = 10_000_000


def batches(mails: list[Fetched]) -> Iterator[list[Fetched]]:
    """The mails in order of UID, in batches of limited size; a very large mail is alone in its batch."""
    group: list[Fetched] = []
    for mail in sorted(mails, key=lambda mail: mail.uid):
        if group and sum(each.size for each in group) + mail.size > _BATCH_BYTES:
            yield group
            group = []
        group.append(mail)
    if group:
        yield group
