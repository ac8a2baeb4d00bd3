"""A process that imports the whole bot once, and forks itself for each program that it is to run."""

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

MAX_BYTES = 1_000_000


def load() -> None:
    """Import every module of the bot except those that run a program when imported."""
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def become(order: dict[str, Any], files: list[int]) -> None:
    """Run as `python -m MODULE` with these arguments, environment, folder, standard output and standard error."""
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
    sys.modules.pop(order["module"], None)  # a module that runs as __main__ is not imported under its own name
    runpy.run_module(order["module"], run_name="__main__", alter_sys=True)


def keep(order: dict[str, Any], report: int, files: list[int]) -> None:
    """Fork a program; write its process ID and later its exit status into a pipe. Returns only in the program."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if not pid:
        os.close(report)
        become(order, files)
        return
    for file in files:
        os.close(file)
    os.write(report, f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    os.write(report, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def main() -> None:
    """Fork for each order that arrives on standard input, a socket, until it is closed."""
    load()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    orders = socket.socket(fileno=os.dup(0))
    while True:
        text, (*files,), _, _ = socket.recv_fds(orders, MAX_BYTES, 3)
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
