"""Links within the papers lead somewhere, every page can be found, and what the pages name is there."""

import re
from collections import Counter

import pytest

from tests.papers.page import ROOT, Page, code, contributing, index, manual, papers, readme

PAPERS = [page.name for page in papers()]
DOCS = [page.name for page in manual() if page.name.startswith("docs/")]
ARTICLES = [name for name in DOCS if name != index().name]


def lost(page: Page) -> list[str]:
    """The links of a page that lead nowhere in this repository."""
    found = []
    for link in page.links:
        if re.match(r"https?:", link):
            continue
        name, _, anchor = link.partition("#")
        target = page.path.parent / name if name else page.path
        reached = Page(target, target.read_text()) if name and anchor and target.exists() else page
        if not target.exists() or (anchor and anchor not in reached.anchors):
            found.append(link)
    return found


def linked(page: Page) -> set[str]:
    """The files to which a page links, as seen from the root."""
    names = {link.partition("#")[0] for link in page.links if not re.match(r"https?:|#", link)}
    return {(page.path.parent / name).resolve().relative_to(ROOT).as_posix() for name in names}


@pytest.mark.parametrize("name", PAPERS)
def test_every_link_within_the_papers_leads_somewhere(name):
    assert lost(Page.read(name)) == []


@pytest.mark.parametrize("name", PAPERS)
def test_every_heading_of_a_paper_can_be_linked_to_by_a_name_of_its_own(name):
    headings = Page.read(name).headings

    assert [title for title, times in Counter(headings).items() if times > 1] == []
    assert len(Page.read(name).anchors) == len(headings)


def test_a_link_to_a_heading_that_is_not_there_is_seen():
    page = Page(
        ROOT / "README.md", "\n## A title: with `code`\n[good](#a-title-with-code) [bad](#another) [gone](gone.md)"
    )

    assert lost(page) == ["#another", "gone.md"]


def test_a_comment_in_a_block_of_code_ends_no_section():
    page = Page(ROOT / "README.md", "\n## One\n```\n# a comment\n```\nlast\n## Two\nelse\n")

    assert page.section("One").text == "```\n# a comment\n```\nlast\n"


def test_the_readme_is_short():
    assert len(readme().text.splitlines()) <= 250


def test_the_index_lists_every_page_once_and_says_what_is_on_it():
    listed = [re.fullmatch(r"\[([^]]+)\]\(([^)]+)\)", cell) for cell, _ in index().rows]
    named = [found[2] for found in listed if found]

    assert len(named) == len(listed)
    assert sorted(f"docs/{name}" for name in named if not name.startswith("../")) == sorted(ARTICLES)
    assert {name for name in named if name.startswith("../")} == {
        "../CONTRIBUTING.md",
        "../SECURITY.md",
        "../CHANGELOG.md",
    }
    assert all(content for _, content in index().rows)


def test_the_index_calls_every_page_by_its_title():
    titles = {name: label for label, name in re.findall(r"\[([^]]+)\]\(([\w-]+\.md)\)", index().text)}

    assert titles == {name.removeprefix("docs/"): Page.read(name).headings[0] for name in ARTICLES}


@pytest.mark.parametrize("name", DOCS)
def test_the_readme_leads_to_every_page(name):
    assert name in linked(readme())


@pytest.mark.parametrize("name", ARTICLES)
def test_every_page_is_also_linked_from_another_one_where_its_matter_comes_up(name):
    others = [page for page in manual() if page.name not in {name, readme().name, index().name}]

    assert [page.name for page in [*others, contributing()] if name in linked(page)]


@pytest.mark.parametrize("name", DOCS)
def test_a_page_begins_with_its_only_title_and_says_what_it_is_for(name):
    page = Page.read(name)
    begin = page.text.splitlines()

    assert re.fullmatch(r"# \S.+", begin[0])
    assert len(re.findall(r"(?m)^# ", page.prose)) == 1
    assert begin[1] == ""
    assert re.match(r"\w", begin[2]) or begin[2].startswith("1. ")


def test_the_picture_of_the_support_channel_stands_before_the_first_section():
    assert "](docs/pictures/support-channel.png)" in readme().text.split("\n## ", 1)[0]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", *DOCS])
def test_every_file_that_a_paper_names_is_there(name):
    own = re.compile(
        r"(?:bot|casebook|fixtures|tests|benchmarks|docs|deploy)/[\w./-]*\w/?|\.env\.example|manifest\.json|Procfile"
    )
    named = [words for words in code(Page.read(name).prose) if own.fullmatch(words)]

    assert [path for path in named if not (ROOT / path).exists()] == []


def test_contributing_names_the_files_that_it_is_about():
    named = re.findall(r"`((?:bot|casebook|fixtures|tests|benchmarks|deploy)/[\w./]*)`", contributing().text)

    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", PAPERS)
def test_no_paper_shouts_or_sells(name):
    prose = re.sub(r"`[^`]*`|!\[|<!channel>|<!--", "", Page.read(name).prose)
    selling = re.compile(r"(?i)\b(?:simply|easily|powerful|seamless\w*|blazing\w*|robust|effortless\w*|cutting-edge)\b")

    assert "!" not in prose
    assert selling.findall(prose) == []


@pytest.mark.parametrize("name", PAPERS)
def test_one_sentence_stands_on_a_line_of_each_paper(name):
    prose = [re.sub(r"`[^`]*`", "code", line) for line in Page.read(name).prose.splitlines() if line[:1] not in "|#"]

    assert [line for line in prose if re.search(r"[a-z)]\. [A-Z]", line)] == []
