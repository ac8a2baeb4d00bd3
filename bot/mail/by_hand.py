"""Mail that an operator takes in by hand, by the same path as the inbox: read, then received or kept in quarantine."""

from dataclasses import replace
from datetime import datetime

from bot.mail.incoming import MailRules, external_id
from bot.mail.reader import read_or_why_not
from casebook import cases, database, ledger, quarantine
from casebook.errors import CasebookError
from casebook.incoming import Incoming, Source
from casebook.outcomes import Outcome, Received
from casebook.rules import Limits
from casebook.views import Quarantined

MOST_BYTES = 30_000_000  # of one mail; what is longer is cut, as in the inbox


def take_in(raw: bytes, *, now: datetime, folder: str, rules: MailRules, limits: Limits) -> Received:
    """Take in one mail that reached us now; a database that is away is raised, everything else ends in a row."""
    whole = raw[:MOST_BYTES]
    found = read_or_why_not(whole, now, folder, rules)
    if isinstance(found, Incoming):
        incoming = replace(found, cut=found.cut or len(raw) > MOST_BYTES)
        try:
            return database.work(lambda: cases.receive(incoming, now=now, limits=limits))
        except Exception as error:
            if isinstance(error, CasebookError) and not error.permanent:
                raise  # the database is away
            found = f"The book cannot take it ({type(error).__name__})."
    reason, name = found, external_id(whole, None)
    return database.work(
        lambda: ledger.quarantine(source=Source.EMAIL, external_id=name, raw=whole, reason=reason, now=now)
    )


def take_again(
    item: Quarantined, raw: bytes, *, now: datetime, folder: str, rules: MailRules, limits: Limits
) -> Received:
    """Read a mail in quarantine once more, as of the time when it came; what still cannot be read stays there."""
    found = read_or_why_not(raw, item.received_at, folder, rules)
    if isinstance(found, Incoming):
        incoming = found
        try:
            return database.work(lambda: quarantine.receive_again(item.ledger_id, incoming, now=now, limits=limits))
        except Exception as error:
            if isinstance(error, CasebookError) and not error.permanent:
                raise  # the database is away
            found = f"The book cannot take it ({type(error).__name__})."
    reason = found
    database.work(lambda: quarantine.still_unreadable(item.ledger_id, reason))
    return Received(ledger_id=item.ledger_id, outcome=Outcome.QUARANTINED, reason=reason)
