"""`make demo` as a newcomer meets it."""

import asyncio
import json
import re
import signal
import urllib.request


async def test_the_demo_tells_its_story_shows_every_channel_and_runs_until_ctrl_c(program):
    demo = await program({"COLUMNS": "200"}, module="fixtures.demo")
    told = ""
    async with asyncio.timeout(120):
        while "Ctrl-C ends it" not in told:
            line = await demo.process.stdout.readline()
            assert line, f"the demo ended early: {told}"
            told += line.decode()
    address = re.search(r"http://127\.0\.0\.1:\d+", told)[0]
    with await asyncio.to_thread(urllib.request.urlopen, f"{address}/health", timeout=10) as answer:
        health = json.load(answer)
    demo.process.send_signal(signal.SIGINT)
    status = await demo.ended(15)

    assert told.count("✓") == 7
    for words in ("#support", "#alerts", "Home of Anna Example", "fourth message", "waiting for our answer for 25 s"):
        assert words in told
    assert re.search(r"Case #CASE-0001 closed at \S+Z by Ben Beispiel", told)
    assert health["status"] == "healthy"
    assert status == 0
