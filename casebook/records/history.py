"""The history of a case: what happened to it, and who did it; rows are only added."""

from datetime import datetime

from casebook.models import Case, Event


def add(case: Case, at: datetime, actor: str, kind: str, detail: str = "") -> None:
    """Add one line to the history of a case, inside the caller's transaction."""
    Event.create(case=case, at=at, actor=actor, kind=kind, detail=detail)
