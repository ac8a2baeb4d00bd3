"""The judge of the house: who imports whom, who reads the clock and the environment, how long things get."""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("casebook", "bot", "fixtures", "benchmarks")

LONGEST_MODULE = 250
LONGEST_FUNCTION = 40
# A limit that makes code worse is raised here, for that one module or function, with the reason beside it.
LONGER_MODULES: dict[str, int] = {
    "casebook.models": 430,  # the schema is read as one, table beside table
}
LONGER_FUNCTIONS: dict[str, int] = {}
LARGEST_ROOM = 15  # modules in one folder, besides `__init__`, `__main__` and conftest
LARGER_ROOMS: dict[str, int] = {
    "casebook/migrations": 100,  # one for each change of the schema, in their order
}

# Pairs of rooms that import each other all the same, with the reason.
BESIDE: set[tuple[str, str]] = set()

DOORS = ("bot.slack", "bot.mail", "bot.web", "bot.jobs")
# main builds the bot, checkup tries what the bot is built on, cli and the commands of the shell call the doors' parts.
BUILDERS = {
    "bot.main",
    "bot.checkup.everything",
    "bot.shell.setting_up",
    "bot.shell.ingest",
    "bot.shell.quarantine",
    "bot.shell.reconcile",
    "bot.shell.mail",
    "bot.cli",
    "bot.__main__",
}
STDLIB_ONLY = {f"casebook.{name}" for name in ("rules", "incoming", "outcomes", "errors", "views")} | {
    "casebook.records.case_ids",
    "casebook.records.message_ids",
}
PURE = {
    "bot.slack.screens.wording",
    "bot.slack.payloads.events",
    "bot.slack.context.permissions",
    "bot.mail.parse",
    "bot.mail.reply_text",
}
VAGUE = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc", "stuff", "shared"}

NOT_IN_THE_BOOK = {
    "asyncio",
    "os",
    "email",
    "imaplib",
    "smtplib",
    "http",
    "socket",
    "ssl",
    "subprocess",
    "threading",
}
INPUT_AND_OUTPUT = NOT_IN_THE_BOOK - {"email"} | {
    "aiohttp", "aioimaplib", "logging", "peewee", "playhouse", "prometheus_client", "schedule", "slack_bolt",
    "structlog", "time", "urllib.request",
}  # fmt: skip
CLOCKS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {
        "time",
        "time_ns",
        "monotonic",
        "monotonic_ns",
        "perf_counter",
        "perf_counter_ns",
        "gmtime",
        "localtime",
    },
}
ENVIRONMENT = {"os": {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}}
PATCHERS = {"mock", "unittest.mock", "freezegun", "time_machine"}


@dataclass(frozen=True)
class Module:
    """One file of ours, parsed."""

    name: str
    lines: int
    tree: ast.Module

    @property
    def package(self) -> str:
        return self.name.split(".")[0]

    @cached_property
    def imports(self) -> frozenset[str]:
        """Every module it imports, wherever in the file; of ours, the module itself and not the package."""
        return frozenset(self._imports())

    def _imports(self) -> Iterator[str]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = "." * node.level + (node.module or "")
                modules = {f"{base}.{alias.name}" for alias in node.names} & names_of_ours()
                yield from modules
                if len(modules) < len(node.names):
                    yield base

    def uses(self, forbidden: dict[str, set[str]]) -> Iterator[str]:
        """Where it reaches for `owner.attribute`, or imports the attribute from the module of that name."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Attribute):
                owner = node.value
                name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
                if node.attr in forbidden.get(name, ()):
                    yield f"{self.name}:{node.lineno} {name}.{node.attr}"
            elif isinstance(node, ast.ImportFrom) and node.module in forbidden:
                for alias in node.names:
                    if alias.name in forbidden[node.module]:
                        yield f"{self.name}:{node.lineno} from {node.module} import {alias.name}"


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def names_of_ours() -> frozenset[str]:
    return frozenset(dotted(path) for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


@cache
def modules() -> tuple[Module, ...]:
    return tuple(read(path) for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))


def read(path: Path) -> Module:
    text = path.read_text(encoding="utf-8")
    return Module(dotted(path), len(text.splitlines()), ast.parse(text))


def of(*packages: str) -> Iterator[Module]:
    return (module for module in modules() if module.package in packages)


def packages(names: Iterable[str]) -> set[str]:
    """The names that are folders: another name is inside."""
    return {name.rpartition(".")[0] for name in names if "." in name}


def is_within(name: str, parents: str | tuple[str, ...] | set[str]) -> bool:
    wanted = (parents,) if isinstance(parents, str) else parents
    return any(name == parent or name.startswith(parent + ".") for parent in wanted)


def door_of(name: str) -> str | None:
    return next((door for door in DOORS if is_within(name, door)), None)


def edges(importers: Iterator[Module]) -> Iterator[tuple[str, str]]:
    return ((module.name, imported) for module in importers for imported in sorted(module.imports))


def is_stdlib(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] in sys.stdlib_module_names


def test_there_is_a_house_to_judge():
    assert {"casebook.rules", "bot.settings", "bot.clock", "fixtures.cast"} <= names_of_ours()


def test_the_casebook_knows_nothing_but_itself_the_standard_library_and_peewee():
    wrong = [
        f"{importer} imports {imported}"
        for importer, imported in edges(of("casebook"))
        if not is_within(imported, ("casebook", "peewee", "playhouse"))
        and (not is_stdlib(imported) or is_within(imported, NOT_IN_THE_BOOK))
    ]

    assert wrong == []


def test_rules_and_values_need_the_standard_library_alone():
    wrong = [
        f"{importer} imports {imported}"
        for importer, imported in edges(m for m in modules() if m.name in STDLIB_ONLY)
        if not is_stdlib(imported) and imported not in STDLIB_ONLY
    ]

    assert wrong == []


def test_models_and_routing_do_not_know_the_operations():
    allowed = {
        "casebook.models": STDLIB_ONLY | {"casebook.storage.fields"},
        "casebook.conversation.threads": STDLIB_ONLY | {"casebook.models", "casebook.records.message_ids"},
        "casebook.routing": STDLIB_ONLY | {"casebook.models", "casebook.conversation.threads"},
    }
    wrong = [
        f"{importer} imports {imported}"
        for importer, imported in edges(m for m in modules() if m.name in allowed)
        if is_within(imported, "casebook") and imported not in allowed[importer]
    ]

    assert wrong == []


def test_the_bot_never_sees_a_row():
    wrong = [
        f"{importer} imports {imported}"
        for importer, imported in edges(of("bot"))
        if is_within(imported, ("casebook.models", "casebook.migrations", "casebook.routing", "peewee", "playhouse"))
    ]

    assert wrong == []


def test_the_doors_never_import_each_other_and_only_the_builders_import_a_door():
    wrong = [
        f"{importer} imports {imported}"
        for importer, imported in edges(of("bot"))
        if importer not in BUILDERS and door_of(imported) and door_of(imported) != door_of(importer)
    ]

    assert wrong == []


def test_main_is_imported_only_where_a_whole_bot_is_started():
    allowed = {"bot.__main__", "bot.cli"}
    wrong = [
        f"{importer} imports {imported}"
        for importer, imported in edges(iter(modules()))
        if is_within(imported, "bot.main") and importer not in allowed and not is_within(importer, "fixtures.demo")
    ]

    assert wrong == []


def test_the_stand_ins_know_nothing_of_us_except_in_the_demo():
    wrong = [
        f"{importer} imports {imported}"
        for importer, imported in edges(of("fixtures"))
        if is_within(imported, ("bot", "casebook")) and not is_within(importer, "fixtures.demo")
    ]

    assert wrong == []


def test_what_runs_for_users_never_imports_what_is_there_for_tests():
    wrong = [
        f"{importer} imports {imported}"
        for importer, imported in edges(of("bot", "casebook"))
        if is_within(imported, ("fixtures", "tests", "benchmarks", "pytest", "hypothesis"))
    ]

    assert wrong == []


def test_every_import_names_the_whole_way():
    wrong = [f"{importer} imports {imported}" for importer, imported in edges(iter(modules())) if imported[0] == "."]

    assert wrong == []


def test_nothing_that_another_process_says_can_run_code():
    wrong = [
        f"{importer} imports {imported}"
        for importer, imported in edges(of("bot", "casebook"))
        if is_within(imported, ("pickle", "marshal", "shelve"))
    ]

    assert wrong == []


def test_nothing_imports_in_a_circle():
    graph = {module.name: module.imports & names_of_ours() - {module.name} for module in modules()}

    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))

    assert len(order) == len(modules())


def test_wording_and_the_reading_of_mail_touch_nothing_outside_even_at_second_hand():
    by_name = {module.name: module for module in modules()}
    reached = set(PURE)
    wrong = []
    waiting = list(reached)
    while waiting:
        module = by_name[waiting.pop()]
        wrong += [f"{module.name} imports {name}" for name in module.imports if is_within(name, INPUT_AND_OUTPUT)]
        wrong += [
            f"{module.name} is asynchronous" for n in ast.walk(module.tree) if isinstance(n, ast.AsyncFunctionDef)
        ]
        further = module.imports & names_of_ours() - reached
        reached |= further
        waiting += further

    assert wrong == []


def test_only_the_clock_reads_the_clock():
    wrong = [use for m in of("bot", "casebook") if m.name != "bot.clock" for use in m.uses(CLOCKS)]

    assert wrong == []


def test_only_the_settings_read_the_environment():
    wrong = [use for m in of("bot", "casebook") if m.name != "bot.settings" for use in m.uses(ENVIRONMENT)]

    assert wrong == []


def test_no_module_is_too_long():
    long = {m.name: m.lines for m in modules() if m.lines > LONGER_MODULES.get(m.name, LONGEST_MODULE)}

    assert long == {}


def test_no_function_is_too_long():
    long = {}
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                name, lines = f"{module.name}.{node.name}", (node.end_lineno or 0) - node.lineno + 1
                if lines > LONGER_FUNCTIONS.get(name, LONGEST_FUNCTION):
                    long[name] = lines

    assert long == {}


def test_an_exception_that_is_no_longer_needed_is_taken_away():
    stale = {name for name, most in LONGER_MODULES.items() if most <= LONGEST_MODULE or name not in names_of_ours()}
    stale |= {name for name, most in LONGER_FUNCTIONS.items() if most <= LONGEST_FUNCTION}

    assert stale == set()


def test_every_module_says_what_it_promises():
    silent = [module.name for module in modules() if not ast.get_docstring(module.tree)]

    assert silent == []


def test_every_folder_of_code_is_a_package_so_that_it_is_installed_with_the_rest():
    folders = {path.parent for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    wrong = [folder.relative_to(ROOT) for folder in sorted(folders) if not (folder / "__init__.py").exists()]

    assert wrong == []


def rooms(*tops: str) -> dict[str, list[Path]]:
    """The modules of every folder of code below these."""
    found: dict[str, list[Path]] = {}
    for path in sorted(path for top in tops for path in (ROOT / top).rglob("*.py")):
        if path.stem not in ("__init__", "__main__", "conftest"):
            found.setdefault(str(path.parent.relative_to(ROOT)), []).append(path)
    return found


def test_no_room_is_too_full():
    full = {
        room: len(files)
        for room, files in rooms(*PACKAGES, "tests").items()
        if len(files) > LARGER_ROOMS.get(room, LARGEST_ROOM)
    }

    assert full == {}


def test_every_room_of_the_product_says_in_a_sentence_what_it_promises_and_what_it_does_not_know():
    silent = []
    for room in rooms("casebook", "bot"):
        text = (ROOT / room / "__init__.py").read_text(encoding="utf-8")
        first, _, second = (ast.get_docstring(ast.parse(text)) or "").partition(". ")
        if room not in LARGER_ROOMS and not (first and second):
            silent.append(room)

    assert silent == []


def test_no_rooms_beside_each_other_import_in_a_circle():
    """A room may import the floor it opens from and the floor may import it; two rooms beside each other may not."""
    names = names_of_ours()
    folders = packages(names)
    arrows = {
        (importer.rpartition(".")[0], imported.rpartition(".")[0])
        for importer, imported in edges(of("casebook", "bot"))
        if imported in names and importer not in folders and imported not in folders
    }
    beside = {
        (one, other)
        for one, other in arrows
        if one < other and (other, one) in arrows and not is_within(one, other) and not is_within(other, one)
    }

    assert beside == BESIDE


def test_the_tests_are_in_the_rooms_of_what_they_test():
    strangers = [
        room for room in rooms("tests/casebook", "tests/bot") if not (ROOT / room.removeprefix("tests/")).is_dir()
    ]

    assert strangers == []


def test_no_module_has_a_name_under_which_anything_could_be_put():
    tests = (dotted(path) for path in (ROOT / "tests").rglob("*.py"))
    vague = [name for name in (*names_of_ours(), *tests) if VAGUE & set(name.split(".")[-1].split("_"))]

    assert vague == []


def test_no_test_patches_sleeps_or_freezes_the_clock():
    wrong = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        module = read(path)
        wrong += [f"{module.name} imports {name}" for name in module.imports if is_within(name, PATCHERS)]
        wrong += module.uses({"time": {"sleep"}, "monkeypatch": {"setattr"}})

    assert wrong == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import datetime\ndatetime.datetime.now()", "x:2 datetime.now"),
        ("from time import monotonic", "x:1 from time import monotonic"),
        ("import time\ndef f():\n    return time.time()", "x:3 time.time"),
        ("clock.now()\nrow.time", None),
    ],
)
def test_the_judge_sees_a_reading_of_the_clock(source, found):
    module = Module("x", 1, ast.parse(source))

    assert next(module.uses(CLOCKS), None) == found


def test_the_judge_sees_an_import_inside_a_function_and_tells_a_module_from_a_name():
    module = Module("x", 1, ast.parse("def f():\n    from casebook import rules\nfrom casebook.rules import Limits"))

    assert module.imports == {"casebook.rules"}
