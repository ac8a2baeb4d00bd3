"""The history of a case: what happened to it, and by whom; only ever added to."""

from datetime import datetime

from casebook.models import Case, Event


def add(case: Case, at: datetime, actor: str, kind: str, detail: str = "") -> None:
    """Write one line of a case's history, inside the caller's transaction."""
    Event.create(case=case, at=at, actor=actor, kind=kind, detail=detail)
