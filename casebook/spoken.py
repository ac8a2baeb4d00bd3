"""The lines that stand in a message for its files: their names, and what was said in them; pure.

A door writes them when a message comes in, and the book when it learns more of a file.
"""

NAMELESS = "without a name"


def file_line(name: str) -> str:
    """The line that names a file where its writer said nothing."""
    return f"[file: {' '.join(name.split()) or NAMELESS}]"


def transcript_line(said: str) -> str:
    """The line that tells what was said in a clip."""
    return f"Transcript: {said}"


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
