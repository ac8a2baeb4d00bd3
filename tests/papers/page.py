"""The pages of Markdown as the tests of the papers read them: sections, tables, blocks of code, links."""

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
        """The page of this name, as seen from the root."""
        path = ROOT / name
        return cls(path, path.read_text(encoding="utf-8"))

    @property
    def name(self) -> str:
        """Its path as seen from the root, such as `docs/mail.md`."""
        return self.path.relative_to(ROOT).as_posix()

    def section(self, title: str, level: int = 2) -> "Page":
        """What stands under a heading, up to the next one of its level or above."""
        rest = self.text.split(f"\n{'#' * level} {title}\n", 1)[1]
        # A comment in a block of code looks like a heading.
        outside = _BLOCK.sub(lambda block: re.sub(r"[^\n]", " ", block[0]), rest)
        end = re.search(rf"(?m)^#{{1,{level}}} ", outside)
        return Page(self.path, rest[: end.start()] if end else rest)

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
    def rows(self) -> list[list[str]]:
        """The rows of all its tables, one after the other."""
        return [row for table in self.tables for row in table]

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


def readme() -> Page:
    """What Casebook is, and the shortest way to a running bot."""
    return Page.read("README.md")


def contributing() -> Page:
    """How to change the code."""
    return Page.read("CONTRIBUTING.md")


def index() -> Page:
    """The list of all pages."""
    return Page.read("docs/README.md")


def install_slack() -> Page:
    """The Slack app, its channels and its scopes."""
    return Page.read("docs/install-slack.md")


def install_mail() -> Page:
    """The inbox, and the server for mail that goes out."""
    return Page.read("docs/install-mail.md")


def deploy() -> Page:
    """How the program runs as a service."""
    return Page.read("docs/deploy.md")


def settings() -> Page:
    """Every setting."""
    return Page.read("docs/settings.md")


def how_it_decides() -> Page:
    """The rules: admins, cases, escalation, closing."""
    return Page.read("docs/how-it-decides.md")


def using_slack() -> Page:
    """Cards, answers, buttons, shortcuts, commands."""
    return Page.read("docs/using-slack.md")


def mail() -> Page:
    """How mail is read and answered."""
    return Page.read("docs/mail.md")


def operating() -> Page:
    """Shell commands, web addresses, the outbox, reading back."""
    return Page.read("docs/operating.md")


def database() -> Page:
    """Queries, tables and columns."""
    return Page.read("docs/database.md")


def troubleshooting() -> Page:
    """What somebody sees when something is wrong."""
    return Page.read("docs/troubleshooting.md")


def manual() -> list[Page]:
    """Everything for users: the README and every page in docs."""
    return [readme(), *(_at(path) for path in sorted((ROOT / "docs").rglob("*.md")))]


def papers() -> list[Page]:
    """Every page of this repository that a reader may come to."""
    others = [path for path in sorted(ROOT.glob("*.md")) if path.name != "README.md"]
    folders = [ROOT / "benchmarks", ROOT / "fixtures"]
    return [*manual(), *map(_at, others), *(_at(path) for folder in folders for path in sorted(folder.rglob("*.md")))]


def _at(path: Path) -> Page:
    return Page.read(path.relative_to(ROOT).as_posix())


def _cells(line: str) -> list[str]:
    return [cell.strip().replace(r"\|", "|") for cell in _CELL_BORDER.split(line)[1:-1]]


def code(cell: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", cell)
