"""A fork server: imports the bot once and forks a bot for each order, so that a start needs no imports."""

import contextlib
import json
import os
import selectors
import signal
import sys

from tests.faults.processes.start import Order, live, say


def fork(order: Order) -> int:
    """Fork a new bot; returns its process ID."""
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid:
        say(pid=pid, started=True)
        os.close(read_end)
        os.close(write_end)  # the child waits until its process ID is reported
        return pid
    os.close(write_end)
    os.read(read_end, 1)
    os.close(read_end)
    status = 70  # EX_SOFTWARE of sysexits.h: the status after an exception
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        status = live(order)
    except BaseException:  # noqa: BLE001 - the child must never run on as its parent
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(status)


def reap(alive: set[int]) -> None:
    """Report each bot that has ended."""
    for pid in tuple(alive):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            alive.discard(pid)
            say(pid=pid, ended=os.waitstatus_to_exitcode(status))


def main() -> None:
    """Fork a bot for each line on standard input until that ends, then kill all bots."""
    alive: set[int] = set()
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    events = selectors.DefaultSelector()
    events.register(0, selectors.EVENT_READ)
    events.register(woken, selectors.EVENT_READ)
    text = b""
    while True:
        for key, _ in events.select():
            if key.fd == woken:
                with contextlib.suppress(BlockingIOError):
                    os.read(woken, 1000)
                continue
            given = os.read(0, 65536)
            if not given:
                for pid in alive:
                    os.kill(pid, signal.SIGKILL)
                return
            *lines, text = (text + given).split(b"\n")
            for line in lines:
                order = Order(**json.loads(line))
                alive.add(fork(order))
        reap(alive)


if __name__ == "__main__":
    main()
