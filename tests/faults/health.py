"""Read a bot's /health."""

from typing import Any

import aiohttp

from tests.faults.processes.life import Life


async def services(life: Life) -> dict[str, str]:
    """The state of each service; empty while /health does not answer."""
    try:
        answer = await _asked(life)
    except (aiohttp.ClientError, TimeoutError):
        return {}
    return {str(name): str(word) for name, word in answer.get("services", {}).items()}


async def _asked(life: Life) -> dict[str, Any]:
    timeout = aiohttp.ClientTimeout(total=6)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(f"http://127.0.0.1:{life.port}/health") as answer,
    ):
        found: dict[str, Any] = await answer.json()
        return found
