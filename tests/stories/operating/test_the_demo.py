"""`make demo` starts, shows its story and stops."""

import asyncio
import json
import re
import signal
import urllib.request


async def fetched(address: str) -> bytes:
    def fetch() -> bytes:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.read()

    return await asyncio.to_thread(fetch)


async def test_the_demo_prints_its_address_shows_the_story_and_runs_until_ctrl_c(program):
    arguments = ("--tell", "--no-browser", "--port", "0", "--bot-port", "0")
    demo = await program({"COLUMNS": "200"}, module="fixtures.demo", arguments=arguments, afresh=True)
    told = ""
    async with asyncio.timeout(120):
        while "The story is told" not in told:
            line = await demo.process.stdout.readline()
            assert line, f"the demo ended early: {told}"
            told += line.decode()
    page, health = re.findall(r"http://127\.0\.0\.1:\d+/\S*", told)[:2]

    shown = (await fetched(f"{page}?who=U0ANNA001&at=C0LOG0001")).decode()
    report = json.loads(await fetched(health))
    demo.process.send_signal(signal.SIGINT)
    status = await demo.ended(15)

    assert told.count("✓") == 7
    assert "7 of 7" in shown
    assert re.search(r"Case #CASE-0001 closed at \S+Z by Ben Beispiel", shown)
    assert report["status"] == "healthy"
    assert status == 0
