"""Mail that says no more than that somebody clicked: a reaction, or a calendar answer without words."""

from dataclasses import dataclass

from bot.mail.automated.calendar_answers import read_calendar_answer
from bot.mail.automated.reactions import read_reaction
from bot.mail.mime.addresses import Mailbox
from bot.mail.mime.parts import Part


@dataclass(frozen=True, slots=True)
class Click:
    """What was clicked, as the reason why its mail is automatic, and the mail in one line."""

    kind: str
    told: str


def read_click(root: Part, sender: Mailbox | None, subject: str, text: str, written: str) -> Click | None:
    """The click that this mail is, or None, by its whole text and what is newly written in it."""
    box = sender or Mailbox("")
    if told := read_reaction(root, subject=subject, name=box.name, address=box.address, new_text=written):
        return Click("reaction", told)
    told = read_calendar_answer(root, subject=subject, name=box.name, address=box.address, text=text, new_text=written)
    return Click("calendar answer", told) if told else None
