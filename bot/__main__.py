"""python -m bot: runs Casebook; a signal that comes while it is still being loaded ends it in order too."""

import signal
import sys


def _run() -> int:
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: sys.exit(0))
    from bot.main import main  # noqa: PLC0415 - loading takes a second, in which nothing has been begun

    status = main()
    for name in (signal.SIGTERM, signal.SIGINT):  # one more does not turn an end in order into another
        signal.signal(name, signal.SIG_IGN)
    return status


if __name__ == "__main__":
    sys.exit(_run())
