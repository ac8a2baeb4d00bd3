"""A page of Markdown as the tests of the papers read it: sections, tables, blocks of code, links."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

_CELL_BORDER = re.compile(r"(?<!\\)\|")
_BLOCK = re.compile(r"(?ms)^( *)```(\w*)\n(.*?)^ *```$")


@dataclass(frozen=True)
class Page:
    """One page; `text` is the whole of it, or of a section."""

    path: Path
    text: str

    @classmethod
    def read(cls, name: str) -> "Page":
        """The page of this name in the root."""
        path = ROOT / name
        return cls(path, path.read_text(encoding="utf-8"))

    def section(self, title: str, level: int = 2) -> "Page":
        """What stands under a heading, up to the next one of its level or above."""
        rest = self.text.split(f"\n{'#' * level} {title}\n", 1)[1]
        return Page(self.path, re.split(rf"(?m)^#{{1,{level}}} ", rest, maxsplit=1)[0])

    @property
    def prose(self) -> str:
        """The text without its blocks of code."""
        return _BLOCK.sub("", self.text)

    @property
    def headings(self) -> list[str]:
        """The headings of all levels."""
        return re.findall(r"(?m)^#+ (.+)$", self.prose)

    @property
    def anchors(self) -> set[str]:
        """The names under which headings can be linked to."""
        return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in self.headings}

    @property
    def links(self) -> list[str]:
        """Where its links and pictures lead."""
        return re.findall(r"\]\(([^)\s]+)\)", self.prose)

    @property
    def tables(self) -> list[list[list[str]]]:
        """The cells of each table, without its head."""
        found = re.findall(r"(?m)(?:^\|.*\n)+", self.text)
        return [[_cells(line) for line in table.splitlines()[2:]] for table in found]

    def blocks(self, language: str = "") -> list[str]:
        """The blocks of code in one language, without the indentation of a list."""
        return [
            re.sub(rf"(?m)^{indent}", "", code)
            for indent, written, code in _BLOCK.findall(self.text)
            if written == language
        ]


def _cells(line: str) -> list[str]:
    return [cell.strip().replace(r"\|", "|") for cell in _CELL_BORDER.split(line)[1:-1]]


def code(cell: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)
