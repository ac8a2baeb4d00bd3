"""A process that has loaded all of the bot, and becomes one of its programs again and again by forking."""

import gc
import importlib
import json
import os
import pkgutil
import random
import runpy
import signal
import socket
import sys
from typing import Any

import bot

MOST_BYTES = 1_000_000


def load() -> None:
    """Import every module of the bot but those that run something."""
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def become(order: dict[str, Any], files: list[int]) -> None:
    """Be `python -m MODULE` with these arguments, environment, folder, standard output and standard error."""
    null = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((null, *files)):
        os.dup2(file, number)
        os.close(file)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    random.seed()
    sys.argv[1:] = order["arguments"]
    sys.path[0] = order["folder"]
    sys.modules.pop(order["module"], None)  # what runs as __main__ is not there under its own name
    runpy.run_module(order["module"], run_name="__main__", alter_sys=True)


def keep(order: dict[str, Any], said: int, files: list[int]) -> None:
    """Have a program run, and say into a pipe which process it is and, at its end, how it ended; returns in it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if not pid:
        os.close(said)
        become(order, files)
        return
    for file in files:
        os.close(file)
    os.write(said, f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    os.write(said, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def main() -> None:
    """Fork for every order that comes over standard input, which is a socket, until it is closed."""
    load()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    orders = socket.socket(fileno=os.dup(0))
    while True:
        text, (*files,), _, _ = socket.recv_fds(orders, MOST_BYTES, 3)
        if not text:
            return
        if not os.fork():
            orders.close()
            keep(json.loads(text), *files[:1], files[1:])
            return
        for file in files:
            os.close(file)


if __name__ == "__main__":
    main()
