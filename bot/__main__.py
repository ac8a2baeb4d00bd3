"""`python -m bot`: runs Casebook; a signal during the imports ends it cleanly too."""

import signal
import sys


def _run() -> int:
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: sys.exit(0))
    from bot.main import main  # noqa: PLC0415 - the imports take a second

    status = main()
    for name in (signal.SIGTERM, signal.SIGINT):  # a second signal must not change the exit status
        signal.signal(name, signal.SIG_IGN)
    return status


if __name__ == "__main__":
    sys.exit(_run())
