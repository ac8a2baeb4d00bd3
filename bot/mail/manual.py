"""Mail that an operator takes in by hand, by the same path as the inbox: read, then received or kept in quarantine."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.files.store import Store
from bot.mail.incoming import MailRules, external_id, mail_rules
from bot.mail.not_taken import why_not_taken
from bot.mail.saving import Keeping
from bot.mail.worker.job import read_or_why_not
from bot.settings import Settings
from casebook import cases, database, ledger
from casebook.admin import quarantine
from casebook.incoming import Incoming, Source
from casebook.outcomes import Outcome, Received
from casebook.rules import Limits
from casebook.views import Quarantined

MOST_BYTES = 30_000_000  # of one mail; what is longer is cut, as in the inbox


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """What the bot knows that reads the inbox: where the mails belong, who is who, the rules, where files are kept."""

    folder: str
    rules: MailRules
    limits: Limits
    store: Store | None

    def read(self, raw: bytes, received_at: datetime, *, whole: bool = True) -> Incoming | str:
        """The message in a mail, its files kept, or why it cannot be read."""
        keeping = Keeping(self.store, raw, whole=whole)
        return read_or_why_not(raw, received_at, self.folder, self.rules, keeping.keep)


def by_hand(settings: Settings) -> ByHand:
    """The same as the bot of these settings; its folder for files is made where it is not there yet."""
    store = Store(settings.attachments) if settings.attachments else None
    if store is not None:
        store.open()
    return ByHand(folder=settings.imap_folder, rules=mail_rules(settings), limits=settings.limits, store=store)


def take_in(raw: bytes, *, now: datetime, by: ByHand) -> Received:
    """Take in one mail that reached us now; a database that is away is raised, everything else ends in a row."""
    whole = raw[:MOST_BYTES]
    found = by.read(whole, now, whole=len(raw) <= MOST_BYTES)
    if isinstance(found, Incoming):
        incoming = replace(found, cut=found.cut or len(raw) > MOST_BYTES)
        try:
            return database.work(lambda: cases.receive(incoming, now=now, limits=by.limits))
        except Exception as error:  # noqa: BLE001 (sorted by the function)
            found = why_not_taken(error)
    reason, name = found, external_id(whole, None)
    return database.work(
        lambda: ledger.quarantine(source=Source.EMAIL, external_id=name, raw=whole, reason=reason, now=now)
    )


def take_again(item: Quarantined, raw: bytes, *, now: datetime, by: ByHand) -> Received:
    """Read a mail in quarantine once more, as of the time when it came; what still cannot be read stays there."""
    found = by.read(raw, item.received_at)
    if isinstance(found, Incoming):
        incoming = found
        try:
            return database.work(lambda: quarantine.receive_again(item.ledger_id, incoming, now=now, limits=by.limits))
        except Exception as error:  # noqa: BLE001 (sorted by the function)
            found = why_not_taken(error)
    reason = found
    database.work(lambda: quarantine.still_unreadable(item.ledger_id, reason))
    return Received(ledger_id=item.ledger_id, outcome=Outcome.QUARANTINED, reason=reason)
