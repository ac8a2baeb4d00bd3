"""How many mails are asked for at once: what one answer of the server, and the memory, can hold."""

from collections.abc import Iterator

from bot.mail.imap.responses import Fetched

BATCH = 50  # mails; more than about 1,000 lines in one answer end in the library's RecursionError
_BATCH_BYTES = 10_000_000


def batches(mails: list[Fetched]) -> Iterator[list[Fetched]]:
    """The mails in order, in groups that are not too large to hold; an enormous one is alone."""
    group: list[Fetched] = []
    for mail in sorted(mails, key=lambda mail: mail.uid):
        if group and sum(each.size for each in group) + mail.size > _BATCH_BYTES:
            yield group
            group = []
        group.append(mail)
    if group:
        yield group
