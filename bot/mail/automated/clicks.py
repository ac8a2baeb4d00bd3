"""Mail that a click produced: a reaction, or an answer to an invitation without a message."""

from dataclasses import dataclass

from bot.mail.automated.calendar_answers import read_calendar_answer
from bot.mail.automated.reactions import read_reaction
from bot.mail.mime.addresses import Mailbox
from bot.mail.mime.parts import Part


@dataclass(frozen=True, slots=True)
class Click:
    """The kind of click, which is the reason why the mail is automatic, and one line about it."""

    kind: str
    description: str


def read_click(root: Part, sender: Mailbox | None, subject: str, text: str, written: str) -> Click | None:
    """Read the mail as a click; None if it is none. `written` is its new text."""
    box = sender or Mailbox("")
    if description := read_reaction(root, subject=subject, name=box.name, address=box.address, new_text=written):
        return Click("reaction", description)
    description = read_calendar_answer(
        root, subject=subject, name=box.name, address=box.address, text=text, new_text=written
    )
    return Click("calendar answer", description) if description else None
