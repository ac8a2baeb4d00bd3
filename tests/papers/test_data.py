"""What the page about the database says of the tables is what the tables are."""

import ast
from enum import StrEnum

import pytest

from casebook.incoming import Source, Standing
from casebook.models import TABLES
from casebook.outcomes import NoticeKind, Outcome
from casebook.rules import ReasonKind
from casebook.views import FileState
from tests.papers.page import ROOT, code, database

DATA = database().section("Tables")

# Section 4 of the contract: other programs rely on these, so neither the code nor the page may drop one.
STAYS = {
    "cases": "case_id customer_identifier status created_at last_message_at message_count escalated "
    "closed_at closed_by assigned_to subject",
    "messages": "id case_id sender is_admin kind body timestamp source external_id",
    "ledger": "id source external_id outcome reason case_id received_at",
    "notices": "id case_id kind state attempts created_at sent_at error",
    "events": "id case_id at actor kind detail",
}


def table(name: str) -> list[list[str]]:
    return DATA.section(f"`{name}`", level=3).tables[0]


def meaning(name: str, column: str) -> str:
    (found,) = [words for cell, _, words in table(name) if cell == f"`{column}`"]
    return found


def event_kinds() -> set[str]:
    """Every kind that the code writes into a case's history."""
    found = set()
    for path in (ROOT / "casebook").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "history.add":
                found |= {part.value for part in ast.walk(node.args[3]) if isinstance(part, ast.Constant)}
    return found


def test_the_page_has_a_table_for_every_table_of_the_book():
    written = [heading.strip("`") for heading in DATA.headings]

    assert sorted(written) == sorted(model._meta.table_name for model in TABLES)


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.table_name)
def test_the_page_has_every_column_once_in_the_order_of_the_book_and_says_what_it_means(model):
    written = table(model._meta.table_name)

    assert [cell.strip("`") for cell, _, _ in written] == [field.column_name for field in model._meta.sorted_fields]
    assert all(words for _, _, words in written)


@pytest.mark.parametrize("model", TABLES, ids=lambda model: model._meta.table_name)
def test_the_page_promises_of_exactly_the_columns_of_the_contract_that_they_stay(model):
    promised = {cell.strip("`") for cell, stays, _ in table(model._meta.table_name) if stays == "stays"}

    assert promised == set(STAYS.get(model._meta.table_name, "").split())
    assert {stays for _, stays, _ in table(model._meta.table_name)} <= {"", "stays"}


@pytest.mark.parametrize(
    ("name", "column", "values"),
    [
        ("messages", "standing", Standing),
        ("messages", "source", Source),
        ("cases", "source", Source),
        ("ledger", "source", Source),
        ("ledger", "outcome", Outcome),
        ("notices", "kind", NoticeKind),
        ("reasons", "kind", ReasonKind),
        ("attachments", "state", FileState),
    ],
)
def test_the_page_names_every_value_that_a_column_may_have(name: str, column: str, values: type[StrEnum]):
    assert set(code(meaning(name, column))) == {each.value for each in values}


def test_the_page_names_every_kind_of_event():
    assert event_kinds() == set(code(meaning("events", "kind")))
