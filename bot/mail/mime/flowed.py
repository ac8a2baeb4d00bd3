"""`format=flowed` (RFC 3676): lines broken for transport are joined again, quotes keep their depth."""

LOOKED_AT = 1_000_000  # characters whose lines are joined; what is longer goes on as it came

_SIGNATURE = "-- "


def unflow(text: str, *, delsp: bool = False) -> str:
    """The text with its soft line breaks removed; quoted lines come out as `> text`, a `>` for each level."""
    if len(text) > LOOKED_AT and (stop := text.rfind("\n", 0, LOOKED_AT)) >= 0:
        return unflow(text[:stop], delsp=delsp) + text[stop:]
    paragraphs: list[tuple[int, list[str]]] = []
    open_depth = -1  # the quote depth of a paragraph that the next line may continue
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
