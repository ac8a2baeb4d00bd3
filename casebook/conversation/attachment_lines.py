"""The lines that stand in a message for its files: their names, and what was said in them; pure.

A door writes them when a message comes in, and the book when it learns more of a file.
"""

from dataclasses import dataclass

NAMELESS = "without a name"
_FILE, _TRANSCRIPT = "[file: ", "Transcript: "


@dataclass(frozen=True, slots=True)
class Words:
    """What a message says: the columns of the same names."""

    body: str
    new_text: str | None  # None: the same as body
    own_text: str | None  # None: the same as new_text


def file_line(name: str) -> str:
    """The line that names a file where its writer said nothing."""
    return f"{_FILE}{' '.join(name.split()) or NAMELESS}]"


def transcript_line(said: str) -> str:
    """The line that tells what was said in a clip."""
    return f"{_TRANSCRIPT}{said}"


def with_names(text: str, names: list[str]) -> str:
    """A text in which files without a name have these names, in their order; an empty one is still not known.

    Where it has not one such line for each name, it stays as it is: then the lines are no lines of ours.
    """
    nameless = file_line("")
    lines = text.split("\n")
    if lines.count(nameless) != len(names):
        return text
    known = iter(names)
    return "\n".join(file_line(next(known)) if line == nameless else line for line in lines)


def named(words: Words, own: list[str], passed_on: list[str]) -> Words:
    """The words with the names of the writer's `own` files and of those that they forward, as far as these are lines.

    A writer who says something themselves has no lines for their files, and those of what they forward may have some.
    """
    body = words.body if words.own_text is None else words.own_text
    lines_of_own = own if body.split("\n").count(file_line("")) == len(own) else []
    every = [*lines_of_own, *passed_on]
    return Words(
        with_names(words.body, every),
        None if words.new_text is None else with_names(words.new_text, every),
        None if words.own_text is None else with_names(words.own_text, lines_of_own),
    )


def heard(words: Words, transcripts: list[str]) -> Words:
    """The words with these transcripts, each once: they are the writer's own, and stand before what they forward."""
    for line in map(transcript_line, transcripts):
        if line not in words.body.split("\n"):
            words = _with_line(words, line)
    return words


def _with_line(words: Words, line: str) -> Words:
    own = words.own_text
    if own is None:
        return Words(_after(words.body, line), None if words.new_text is None else _after(words.new_text, line), None)
    return Words(
        _after_own(words.body, own, line),
        None if words.new_text is None else _after_own(words.new_text, own, line),
        _after(own, line),
    )


def _after(text: str, line: str) -> str:
    return f"{text}\n{line}" if text else line


def _after_own(text: str, own: str, line: str) -> str:
    """A text with this line behind the writer's own words, which stand at its beginning; else at its end."""
    if not own:
        return f"{line}\n\n{text}" if text else line
    if text == own or text.startswith(f"{own}\n"):
        return f"{own}\n{line}{text.removeprefix(own)}"
    return _after(text, line)


def only_completes(before: str, after: str) -> bool:
    """Whether a text says what it said, and at most more of the files: nobody has edited it then."""
    old, new = before.split("\n"), after.split("\n")
    said = [line for line in old if line != file_line("")]
    added = [line for line in new if line not in said]
    kept = [line for line in new if line in said]
    if len(new) < len(old) or not all(line == "" or line.startswith((_FILE, _TRANSCRIPT)) for line in added):
        return False
    return [line for line in kept if line] == [line for line in said if line]
