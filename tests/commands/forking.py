"""A program that starts other programs quickly: it has imported the libraries, and forks.

Two thirds of a short command's work is to import SQLAlchemy, Tortoise, FastAPI and the like. Here that is done once.
Nothing of Crossdock is imported: each command takes its own code, from the PYTHONPATH of its order.

Each order comes by a connection of its own: a line of JSON, with the files for stdout and stderr. The answer is the
command's process id, and when it has ended its exit status, a line each.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
from importlib import import_module
from typing import Any

LIBRARIES = [
    "aerich.cli",
    "alembic.autogenerate",
    "alembic.command",
    "alembic.config",
    "asyncpg",
    "fastapi",
    "libcst",
    "orjson",
    "postgast",
    "prometheus_client",
    "psutil",
    "pydantic",
    "pydantic_settings",
    "rich.progress",
    "rich.table",
    "sqlalchemy.ext.asyncio",
    "structlog",
    "tortoise.backends.asyncpg.client",
    "typer",
]
"""uuid_utils is not among them: forks would share the state of its random numbers."""


def main() -> str:
    """Serves until stdin is closed, which happens when whoever started it ends. Returns in a command's process only:
    where the command begins, as `module:function`."""
    base = sys.path[1:]  # without the folder of `python -m`
    for name in LIBRARIES:
        import_module(name)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps the guards
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(sys.argv[1])
        listener.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                order = _guarded(connection)
                _become(order, base)
                return str(order["entry"])
            connection.close()
    os._exit(0)


def _guarded(connection: socket.socket) -> dict[str, Any]:
    """Forks the command's process and returns in it; this one waits for its end, and tells it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    message, files, _, _ = socket.recv_fds(connection, 2**20, 2)
    child = os.fork()
    if child:
        connection.send(f"{child}\n".encode())
        _, status = os.waitpid(child, 0)
        connection.send(f"{os.waitstatus_to_exitcode(status)}\n".encode())
        os._exit(0)
    connection.close()
    for target, file in zip((1, 2), files, strict=True):
        os.dup2(file, target)
        os.close(file)
    with open(os.devnull) as nothing:  # noqa: PTH123  a descriptor is all that is needed
        os.dup2(nothing.fileno(), 0)
    order: dict[str, Any] = json.loads(message)
    return order


def _become(order: dict[str, Any], base: list[str]) -> None:
    """What the interpreter does before a program's first line."""
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    sys.argv = order["arguments"]
    sys.path = ["", *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)), *base]


if __name__ == "__main__":
    module, _, function = main().partition(":")
    sys.exit(getattr(import_module(module), function)())
