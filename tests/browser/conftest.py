"""A real browser on the demo's page: Chromium, headless, with nothing to reach but this machine."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fixtures.demo.page import Page as DemoPage
from fixtures.demo.show import Show

playwright = pytest.importorskip("playwright.async_api", reason="make browser-test installs what these tests need")

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Without these Chromium looks for updates and hosts outside at every start.
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE = 15_000  # milliseconds that any one thing may take to show
WIDTH, HEIGHT = 1440, 900

playwright.expect.set_options(timeout=PATIENCE)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--pictures=DIR`: where the pictures are put; without it they are made all the same, and thrown away."""
    parser.addoption("--pictures", type=Path, default=None, metavar="DIR")


def chromium() -> str:
    """The browser on this machine."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail("there is no Chromium: install Debian's package chromium, or set CHROMIUM to another one's path")
    return found


def is_wrong(message: playwright.ConsoleMessage) -> bool:
    """Whether the browser complains of anything but a refusal, which the page tells its person (status 422)."""
    return message.type in ("error", "warning") and "422" not in message.text


@pytest.fixture
async def show() -> AsyncIterator[Show]:
    """The demo with a short time to take an answer back."""
    async with Show.running(port=0, UNDO_SECONDS="2") as show:
        yield show
    assert show.workspace.refused == []


@pytest.fixture
async def address(show: Show) -> AsyncIterator[str]:
    """Where the demo's page is."""
    async with DemoPage(show).served() as address:
        yield address


@pytest.fixture
async def context() -> AsyncIterator[playwright.BrowserContext]:
    """A browser that nobody has used before."""
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium(), args=SWITCHES)
        context = await browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
        context.set_default_timeout(PATIENCE)
        yield context
        await browser.close()


@pytest.fixture
async def page(context: playwright.BrowserContext, address: str) -> AsyncIterator[playwright.Page]:
    """The demo's page as it opens; afterwards nothing went wrong in it, and nothing was asked of anybody else."""
    page = await context.new_page()
    wrong: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if is_wrong(message) else None)
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(address)
    yield page
    assert wrong == []
    assert {url for url in asked if not url.startswith((address, "data:"))} == set()
