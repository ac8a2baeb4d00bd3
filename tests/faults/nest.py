"""A process that has imported the bot once, and forks a bot from itself for every order: a start costs no imports."""

import contextlib
import json
import os
import selectors
import signal
import sys

from tests.faults.start import Order, live, say


def fork(order: Order) -> int:
    """A new bot; its process ID."""
    born, bear = os.pipe()
    pid = os.fork()
    if pid:
        say(pid=pid, started=True)
        os.close(born)
        os.close(bear)  # only now it begins: nothing is heard of it before
        return pid
    os.close(bear)
    os.read(born, 1)
    os.close(born)
    status = 70  # EX_SOFTWARE of sysexits.h: what is left when it ends by an exception
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
    """Tell of every bot that has ended."""
    for pid in tuple(alive):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            alive.discard(pid)
            say(pid=pid, ended=os.waitstatus_to_exitcode(status))


def main() -> None:
    """Fork for every line on standard input, until it ends; then nothing of ours is left running."""
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
