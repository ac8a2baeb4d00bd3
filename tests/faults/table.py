"""The table of results: one row for each promise, with the number of checks and the result on each database."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """The result for one promise on one database."""

    what: str
    asked: str
    measured: str
    ok: bool
    database: str = ""


def drawn(rows: Sequence[Row], databases: Sequence[str]) -> str:
    """The table as aligned text; a dash means that a promise was not measured on a database."""
    names = list(dict.fromkeys((row.what, row.asked) for row in rows))
    lines = [["promise", "asked", *databases, ""]]
    for what, asked in names:
        found = {row.database: row for row in rows if (row.what, row.asked) == (what, asked)}
        cells = [found[each].measured if each in found else "-" for each in databases]
        lines.append([what, asked, *cells, "ok" if all(row.ok for row in found.values()) else "FAILED"])
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    drawn_lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]
    return "\n".join(line.rstrip() for line in drawn_lines)
