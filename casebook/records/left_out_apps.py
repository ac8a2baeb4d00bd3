"""Apps whose posts are ignored: each is reported to the team once."""

from datetime import datetime

from casebook import notices
from casebook.models import LeftOutApp, book


def report_once(app_id: str, text: str, *, now: datetime) -> bool:
    """Report in the log channel that an app's posts are ignored, unless it was done before; returns whether it was new.

    One transaction.
    """
    with book.atomic():
        inserted = LeftOutApp.insert(app_id=app_id, at=now).on_conflict_ignore().returning(LeftOutApp.app_id).execute()
        if not list(inserted):
            return False
        notices.log(text, now=now)
        return True
