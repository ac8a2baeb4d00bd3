"""Apps whose posts are left out: the team is told once of each."""

from datetime import datetime

from casebook import notices
from casebook.models import LeftOutApp, book


def tell_once(app_id: str, sentence: str, *, now: datetime) -> bool:
    """Say in the log channel that an app's posts are left out, unless it was said; whether it is said now.

    One transaction.
    """
    with book.atomic():
        written = LeftOutApp.insert(app_id=app_id, at=now).on_conflict_ignore().returning(LeftOutApp.app_id).execute()
        if not list(written):
            return False
        notices.log(sentence, now=now)
        return True
