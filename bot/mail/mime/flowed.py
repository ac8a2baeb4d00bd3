"""Undo `format=flowed` (RFC 3676): join lines that were broken for transport, and keep the depth of quotes."""

UNFLOW_LIMIT = 1_000_000  # characters that are unflowed; the rest of the text stays as it is

_SIGNATURE = "-- "


def unflow(text: str, *, delsp: bool = False) -> str:
    """The text without soft line breaks; quoted lines become `> text`, with one `>` for each level."""
    if len(text) > UNFLOW_LIMIT and (stop := text.rfind("\n", 0, UNFLOW_LIMIT)) >= 0:
        return unflow(text[:stop], delsp=delsp) + text[stop:]
    paragraphs: list[tuple[int, list[str]]] = []
    open_depth = -1  # the quote depth of a paragraph that the next line may continue, or -1
    for line in text.split("\n"):
        body = line.lstrip(">")
        depth = len(line) - len(body)
        body = body.removeprefix(" ")  # space-stuffing
        flows = body.endswith(" ") and body != _SIGNATURE
        content = body[:-1] if flows and delsp else body
        if depth == open_depth and body != _SIGNATURE:
            paragraphs[-1][1].append(content)
        else:
            paragraphs.append((depth, [content]))
        open_depth = depth if flows else -1
    return "\n".join(_line(depth, "".join(pieces)) for depth, pieces in paragraphs)


def _line(depth: int, text: str) -> str:
    text = text if text == _SIGNATURE else text.rstrip(" ")
    return f"{'>' * depth} {text}".rstrip(" ") if depth else text
