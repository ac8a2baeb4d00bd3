"""The lines of a message's text that describe its files: their names and transcripts; pure.

A door adds them when a message arrives; casebook completes them when it learns more about a file.
"""

from dataclasses import dataclass

NAMELESS = "without a name"
_FILE, _TRANSCRIPT = "[file: ", "Transcript: "


@dataclass(frozen=True, slots=True)
class MessageText:
    """The text of a message, in the columns of the same names."""

    body: str
    new_text: str | None  # None: the same as body
    own_text: str | None  # None: the same as new_text


def file_line(name: str) -> str:
    """The line that names a file; a message that consists only of files has no other text."""
    return f"{_FILE}{' '.join(name.split()) or NAMELESS}]"


def transcript_line(transcript: str) -> str:
    """The line that holds the transcript of a clip."""
    return f"{_TRANSCRIPT}{transcript}"


def _with_names(text: str, names: list[str]) -> str:
    """The text with these names in its lines for nameless files, in order; an empty name is still unknown.

    If the number of such lines differs from the number of names, somebody else wrote some of them, and the text stays
    as it is.
    """
    nameless_line = file_line("")
    lines = text.split("\n")
    if lines.count(nameless_line) != len(names):
        return text
    remaining = iter(names)
    return "\n".join(file_line(next(remaining)) if line == nameless_line else line for line in lines)


def with_file_names(text: MessageText, own: list[str], passed_on: list[str]) -> MessageText:
    """The text with the names of the writer's `own` files and of those in the message that they forward (`passed_on`).

    A message with text of its own has no lines for its own files, but the text that it forwards may have some.
    """
    body = text.body if text.own_text is None else text.own_text
    own_names = own if body.split("\n").count(file_line("")) == len(own) else []
    all_names = [*own_names, *passed_on]
    return MessageText(
        _with_names(text.body, all_names),
        None if text.new_text is None else _with_names(text.new_text, all_names),
        None if text.own_text is None else _with_names(text.own_text, own_names),
    )


def with_transcripts(text: MessageText, transcripts: list[str]) -> MessageText:
    """The text with these transcripts, each once: they are the writer's own words, and come before forwarded text."""
    for line in map(transcript_line, transcripts):
        if line not in text.body.split("\n"):
            text = _with_line(text, line)
    return text


def _with_line(text: MessageText, line: str) -> MessageText:
    own = text.own_text
    if own is None:
        return MessageText(
            _append_line(text.body, line), None if text.new_text is None else _append_line(text.new_text, line), None
        )
    return MessageText(
        _insert_after_own(text.body, own, line),
        None if text.new_text is None else _insert_after_own(text.new_text, own, line),
        _append_line(own, line),
    )


def _append_line(text: str, line: str) -> str:
    return f"{text}\n{line}" if text else line


def _insert_after_own(text: str, own: str, line: str) -> str:
    """The text with this line after the writer's own text at its beginning; at its end if that is not there."""
    if not own:
        return f"{line}\n\n{text}" if text else line
    if text == own or text.startswith(f"{own}\n"):
        return f"{own}\n{line}{text.removeprefix(own)}"
    return _append_line(text, line)


def only_adds_file_lines(before: str, after: str) -> bool:
    """Whether an edit only added lines about files or filled in their names: then no person has edited the message."""
    old, new = before.split("\n"), after.split("\n")
    previous = [line for line in old if line != file_line("")]
    added = [line for line in new if line not in previous]
    kept = [line for line in new if line in previous]
    if len(new) < len(old) or not all(line == "" or line.startswith((_FILE, _TRANSCRIPT)) for line in added):
        return False
    return [line for line in kept if line] == [line for line in previous if line]
