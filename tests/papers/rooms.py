"""Draws the rooms in docs/architecture.md from the imports; `make picture` runs it.

A room is a folder of code. The first diagram shows `casebook` as one room beside the rooms of the bot; each room
that has rooms inside has a diagram of its own.
An arrow is left out where a longer path leads to the same room.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from tests.test_architecture import ROOT, is_within, modules, names_of_ours, packages

PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- rooms: written by `make picture` -->", "<!-- end of the rooms -->"
TOPS = ("casebook", "bot")

Arrows = Mapping[str, set[str]]


def room_of(module: str, rooms: Iterable[str]) -> str:
    """The innermost room of a module."""
    return max((room for room in rooms if is_within(module, room)), key=len)


def reduced(arrows: Arrows) -> dict[str, set[str]]:
    """The arrows without those that a longer path replaces; one through rooms that reach each other replaces none."""
    rooms = {*arrows, *(end for ends in arrows.values() for end in ends)}
    beyond = {room: _reached(room, arrows) for room in rooms}

    def is_before(start: str, end: str) -> bool:
        return end in beyond[start] and start not in beyond[end]

    def is_said(start: str, end: str) -> bool:
        return any(is_before(start, middle) and is_before(middle, end) for middle in rooms)

    return {start: {end for end in ends if not is_said(start, end)} for start, ends in arrows.items()}


def _reached(start: str, arrows: Arrows) -> set[str]:
    found: set[str] = set()
    waiting = [*arrows.get(start, ())]
    while waiting:
        here = waiting.pop()
        if here not in found:
            found.add(here)
            waiting += arrows.get(here, ())
    return found


def diagram(rooms: set[str], sizes: Mapping[str, int], arrows: Arrows) -> str:
    """One flowchart: the rooms, each in a frame with those that lie in the same top, and their arrows."""
    lines = ["```mermaid", "flowchart TD"]
    for top in (one for one in TOPS if any(is_within(room, one) for room in rooms)):
        inside = sorted(room for room in rooms if is_within(room, top))
        lines += [f"    subgraph {top}_frame [{top}]"]
        lines += [f'        {room.replace(".", "_")}["{room}<br>{_modules(sizes[room])}"]' for room in inside]
        lines += ["    end"]
    lines += [f"    {line.replace('.', '_')}" for line in _lines(reduced(arrows))]
    return "\n".join([*lines, "```"])


def _lines(arrows: Arrows) -> Iterable[str]:
    """An arrow a line; one with two heads where two rooms import each other."""
    for start, ends in sorted(arrows.items()):
        for end in sorted(ends):
            if start not in arrows.get(end, ()):
                yield f"{start} --> {end}"
            elif start < end:
                yield f"{start} <--> {end}"


def _modules(number: int) -> str:
    return "1 module" if number == 1 else f"{number} modules"


def picture() -> str:
    """All diagrams, of the code as it is."""
    ours = {module.name: module.imports & names_of_ours() for module in modules() if module.package in TOPS}
    rooms = packages(ours)
    doors = {room for room in rooms if room.count(".") == 1 and is_within(room, "bot")}
    parts = [_drawn("The whole", ours, {*TOPS, *doors})]
    for top in ("casebook", *sorted(doors)):
        inside = {room for room in rooms if is_within(room, top)}
        if len(inside) > 1:
            names = {name: imports for name, imports in ours.items() if is_within(name, top)}
            parts.append(_drawn(f"Within `{top.replace('.', '/')}`", names, inside))
    return "\n\n".join(parts)


def _drawn(title: str, imports: Mapping[str, Iterable[str]], rooms: set[str]) -> str:
    folders = packages(imports) | rooms
    sizes = Counter(room_of(name, rooms) for name in imports if name not in folders)
    arrows = defaultdict(set)
    for name, imported in imports.items():
        start = room_of(name, rooms)
        arrows[start] |= {room_of(one, rooms) for one in imported if one in imports} - {start}
    return f"### {title}\n\n{diagram(rooms, sizes, arrows)}"


def with_picture(page: str, drawn: str) -> str:
    """The page with this picture between its two marks."""
    return re.sub(rf"(?s)(?<={re.escape(BEGIN)}\n\n).*?(?=\n\n{re.escape(END)})", lambda _: drawn, page)


if __name__ == "__main__":
    PAGE.write_text(with_picture(PAGE.read_text(encoding="utf-8"), picture()), encoding="utf-8")
