"""Customers that are apps, or Slack's email app, in one channel: they are renamed when the channel's ID changes.

Such a customer is called `A0APP/C0CHANNEL`, or `USLACKBOT/C0CHANNEL/address` (design 3.11).
"""

from datetime import datetime
from typing import Any

from peewee import Expression, Value, fn

from casebook.conversation import moving
from casebook.database import locked
from casebook.errors import TooLateError
from casebook.models import Case, Counter, Event, Message, Participant
from casebook.rules import Limits

_MAIL = "USLACKBOT/"  # in upper case; the other names with a slash, email addresses, are in lower case


def follow(old: str, new: str, *, now: datetime, limits: Limits) -> None:
    """Rename these customers in every table; inside the caller's transaction.

    If the app has posted under both IDs, it has an open case under each name, but a customer may have only one: the
    messages of the newer case are moved into the older one, whose card and history the team knows. While answers wait
    to be sent in both, both cases remain until this function runs again.
    """
    _join_open(old, new, now=now, limits=limits)
    for column in (Case.customer_identifier, Participant.person, Message.sender, Event.actor):
        _rename(column, old, new)


def renamed(name: str, old: str, new: str) -> str:
    """The new name of a sender if it is such a customer of this channel; else the name as it is."""
    if name.startswith(f"{_MAIL}{old}/"):
        return f"{_MAIL}{new}/{name.removeprefix(f'{_MAIL}{old}/')}"
    if name.endswith(f"/{old}") and "@" not in name:
        return f"{name.removesuffix(old)}{new}"
    return name


def _join_open(old: str, new: str, *, now: datetime, limits: Limits) -> None:
    is_open = Case.status == "open"
    if not Case.select().where(_of(Case.customer_identifier, old) & is_open).exists():
        return
    locked(Counter.select().where(Counter.name == "cases")).get()  # no case can be opened meanwhile
    for case in Case.select().where(_of(Case.customer_identifier, old) & is_open).order_by(Case.number):
        name = renamed(case.customer_identifier, old, new)
        other = Case.get_or_none((Case.customer_identifier == name) & is_open)
        if other is not None:
            _join(*sorted((case, other), key=lambda each: each.number), now=now, limits=limits)


def _join(older: Case, younger: Case, *, now: datetime, limits: Limits) -> None:
    for case, into in ((younger, older), (older, younger)):
        try:
            moving.move(case.case_id, into.case_id, by="casebook", now=now, limits=limits)
        except TooLateError:
            continue
        names = (older.customer_identifier, younger.customer_identifier)
        Participant.delete().where((Participant.case == into) & Participant.person.in_(names)).execute()
        return


def _rename(column: Any, old: str, new: str) -> None:
    table = column.model
    mail, size = f"{_MAIL}{new}/", len(f"{_MAIL}{old}/")
    for found, name in (
        (_of_mail(column, old), Value(mail).concat(fn.SUBSTR(column, size + 1))),
        (_of_app(column, old), fn.SUBSTR(column, 1, fn.LENGTH(column) - len(old)).concat(new)),
    ):
        taken = _taken(table, name)
        free = found if taken is None else found & ~fn.EXISTS(taken)
        table.update({column: name}).where(free).execute()


def _taken(table: Any, name: Any) -> Any:
    """A query for rows that already have the new name where it must be unique; None where it need not be."""
    other = table.alias()
    if table is Case:
        same = (other.customer_identifier == name) & (other.status == "open") & (Case.status == "open")
        return other.select(Value(1)).where(same & (other.case_id != Case.case_id))
    if table is Participant:
        return other.select(Value(1)).where((other.case == Participant.case) & (other.person == name))
    return None


def _of(column: Any, channel: str) -> Expression:
    return _of_mail(column, channel) | _of_app(column, channel)


def _of_mail(column: Any, channel: str) -> Expression:
    before = f"{_MAIL}{channel}/"
    found: Expression = fn.SUBSTR(column, 1, len(before)) == before
    return found


def _of_app(column: Any, channel: str) -> Expression:
    after = f"/{channel}"
    long_enough = fn.LENGTH(column) > len(after)
    ends = fn.SUBSTR(column, fn.LENGTH(column) - len(after) + 1) == after
    found: Expression = long_enough & ends & ~column.contains("@")
    return found
