"""Start the bot in a separate process with a clock that SIGUSR1 moves forward by ten seconds."""

import asyncio
import signal
from datetime import timedelta

from bot import logs
from bot.clock import Clock
from bot.main import Bot
from bot.settings import read_settings_here

AT_ONCE = timedelta(seconds=10)


async def run() -> None:
    """Run the bot until SIGTERM."""
    clock, stop = Clock(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, clock.push, AT_ONCE)
    settings = read_settings_here()
    logs.configure(settings.log_level, settings.secrets)
    bot = Bot(settings, clock)
    await bot.start()
    try:
        await bot.wait(stop)
    finally:
        await bot.stop()


if __name__ == "__main__":
    asyncio.run(run())
