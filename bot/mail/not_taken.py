"""A mail that the book cannot take, told from a book that is away."""

from casebook.errors import CasebookError


def why_not_taken(error: Exception) -> str:
    """Why the book cannot take a mail; the failure of a database that is only away is raised again: nothing moves.

    One mail that the book cannot take must not stop those behind it; if the fault is the database's after all, keeping
    the mail in quarantine fails too.
    """
    if isinstance(error, CasebookError) and not error.permanent:
        raise error
    return f"The book cannot take it ({type(error).__name__})."
