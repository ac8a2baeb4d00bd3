"""The answers of the web port that the pages show have the shape of real ones."""

import json
import re
from pathlib import Path
from typing import Any

import aiohttp

from bot.main import Bot
from bot.settings import read_settings
from fixtures.cast import DORA, FAYE, SHARED, SUPPORT
from fixtures.stage import set_stage
from tests.papers.page import code, operating

SECTION = operating().section("Web addresses")
HEALTHY, UNHEALTHY, LIVE, CASES = (json.loads(block) for block in SECTION.blocks("json"))
(METRICS,) = SECTION.blocks()


def shape(answer: Any) -> Any:
    """The names in an answer, at every depth; of a list, those of its entries."""
    if isinstance(answer, dict):
        return {name: shape(value) for name, value in answer.items()}
    if isinstance(answer, list):
        return [shape(answer[0])]
    return None


def names(metrics: str) -> set[str]:
    """What is measured, with its labels and without its values."""
    lines = [line for line in metrics.splitlines() if line and not line.startswith("#")]
    return {re.sub(r'="[^"]*"', "", line.rsplit(" ", 1)[0]) for line in lines if "_created" not in line}


async def test_the_answers_on_the_page_have_the_shape_of_real_ones(tmp_path: Path, sqlite_url: str):
    async with set_stage() as stage, aiohttp.ClientSession() as session:
        bot = Bot(read_settings(stage.environment(sqlite_url), tmp_path))
        await bot.start()
        try:
            base = f"http://127.0.0.1:{bot.web.port}"
            await stage.workspace.write(DORA, SHARED, "The export stops at 50 %.")
            await stage.workspace.write(FAYE, SHARED, "URGENT: nobody can log in.")
            await stage.workspace.until(lambda: len(stage.workspace.messages(SUPPORT)) == 2, 15, "both cards")
            async with session.get(f"{base}/health") as health:
                assert (health.status, shape(await health.json())) == (200, shape(HEALTHY))
            async with session.get(f"{base}/live") as live:
                assert await live.json() == LIVE
            async with session.get(f"{base}/cases") as cases:
                assert shape(await cases.json()) == shape(CASES)
            async with session.get(f"{base}/metrics") as metrics:
                assert names(await metrics.text()) == names(METRICS)

            assert stage.mailbox is not None
            stage.mailbox.refuse()
            await stage.workspace.until(lambda: bot.status.email_listener.last_error, 15, "the lost mail server")
            async with session.get(f"{base}/health") as health:
                red = await health.json()
        finally:
            await bot.stop()

    assert (health.status, shape(red)) == (503, shape(UNHEALTHY))
    assert red["services"] == UNHEALTHY["services"]
    assert red["status"] == UNHEALTHY["status"]


def test_the_page_explains_every_word_for_a_part_that_its_answers_show():
    (explained,) = SECTION.tables[1:]
    words = {word for row in explained for word in code(row[0])}

    assert {*HEALTHY["services"].values(), *UNHEALTHY["services"].values()} <= words
