"""The pictures of the pages, made of the demo as it is; `make pictures` keeps them."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fixtures.cast import ALERTS, ANNA, CARLA, SHARED, SUPPORT
from fixtures.demo.story import STEPS, Story
from tests.papers.page import manual

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LEAST_BYTES = 10_000  # a picture of nothing is smaller


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    chosen: Path = request.config.getoption("--pictures") or tmp_path
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


async def test_every_picture_of_the_pages_is_made_of_the_demo_as_it_is(page, show, address, folder):
    show.push(AT - show.bot.clock.now())
    story = Story(show)
    for number in range(1, len(STEPS)):
        await story.tell(number)
    card = show.workspace.messages(SUPPORT)[0].ts

    await page.goto(f"{address}?who={ANNA.user_id}&at={SUPPORT.channel_id}&thread={card}")
    await page.locator("#side .line").nth(1).wait_for()
    await page.screenshot(path=folder / "demo.png")
    await page.set_viewport_size({"width": 1220, "height": 900})
    await page.goto(f"{address}?who={CARLA.user_id}&at={SUPPORT.channel_id}")
    await page.locator("#stream > div").screenshot(path=folder / "support-channel.png")
    await page.goto(f"{address}?who={ANNA.user_id}&at={ALERTS.channel_id}")
    await page.locator("#stream .line").first.screenshot(path=folder / "alert.png")
    await page.goto(f"{address}?who={ANNA.user_id}&at=home")
    await page.locator("#stream button").first.wait_for()
    await page.locator("main").screenshot(path=folder / "home.png")

    made = {path.name for path in folder.glob("*.png")}
    assert made == set(re.findall(r"pictures/([\w-]+\.png)", "\n".join(page.text for page in manual())))
    assert all(path.stat().st_size > LEAST_BYTES for path in folder.glob("*.png"))
    assert show.workspace.messages(SHARED)
