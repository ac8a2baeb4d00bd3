"""Links within the papers lead somewhere, and what they name is there."""

import re

import pytest

from tests.papers.page import ROOT, Page, code

PAPERS = [
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").glob("*.md"))
]


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


@pytest.mark.parametrize("name", PAPERS)
def test_every_link_within_the_papers_leads_somewhere(name):
    assert lost(Page.read(name)) == []


def test_a_link_to_a_heading_that_is_not_there_is_seen():
    page = Page(
        ROOT / "README.md", "\n## A title: with `code`\n[good](#a-title-with-code) [bad](#another) [gone](gone.md)"
    )

    assert lost(page) == ["#another", "gone.md"]


def test_the_contents_of_the_readme_name_every_section_once():
    readme = Page.read("README.md")
    sections = re.findall(r"(?m)^## (.+)$", readme.prose)
    listed = re.findall(r"\[([^]]+)\]\(#", readme.section("Contents").text)

    assert sorted(listed) == sorted(set(sections) - {"Try it", "Contents"})


def test_the_picture_of_the_support_channel_stands_before_the_first_section():
    assert "](docs/pictures/support-channel.png)" in Page.read("README.md").text.split("\n## ", 1)[0]


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_every_file_that_a_paper_names_is_there(name):
    own = re.compile(
        r"(?:bot|casebook|fixtures|tests|benchmarks|docs|deploy)/[\w./-]*\w/?|\.env\.example|manifest\.json|Procfile"
    )
    named = [words for words in code(Page.read(name).prose) if own.fullmatch(words)]

    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", PAPERS)
def test_no_paper_shouts_or_sells(name):
    prose = re.sub(r"`[^`]*`|!\[|<!channel>", "", Page.read(name).prose)
    selling = re.compile(r"(?i)\b(?:simply|easily|powerful|seamless\w*|blazing\w*|robust|effortless\w*|cutting-edge)\b")

    assert "!" not in prose
    assert selling.findall(prose) == []


@pytest.mark.parametrize("name", PAPERS)
def test_one_sentence_stands_on_a_line_of_each_paper(name):
    prose = [re.sub(r"`[^`]*`", "code", line) for line in Page.read(name).prose.splitlines() if line[:1] not in "|#"]

    assert [line for line in prose if re.search(r"[a-z)]\. [A-Z]", line)] == []
