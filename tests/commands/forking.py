"""A program that starts other programs quickly: it has imported the libraries, and forks.

Two thirds of a short command's work is to import SQLAlchemy, Tortoise, FastAPI and the like. Here that is done once.
With `ours`, Crossdock's own commands are imported too, for orders that run this checkout's code. Without it nothing of
Crossdock is imported: each command takes its own code, from the PYTHONPATH of its order.

Each order comes by a connection of its own: a line of JSON, with the files for stdin, stdout and stderr. The answer is
the command's process id, and when it has ended its exit status, a line each.
"""

import atexit
import gc
import json
import os
import select
import signal
import socket
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.commands.quick import ordered

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
OURS = [
    *(f"crossdock.cli.{name}" for name in ("entry", "init", "serve", "migrate", "schema", "modules", "move")),
    *(f"crossdock.cli.{name}" for name in ("documents", "seed", "doctor", "openapi")),
    "crossdock.transaction.faults",
]
"""What a command imports of Crossdock, and of others by it. Nothing of an application: that is of its folder."""


def main() -> str:
    """Serves until stdin is closed, which happens when whoever started it ends. Returns in a command's process only:
    where the command begins, as `module:function`."""
    base = sys.path[1:]  # without the folder of `python -m`
    for name in LIBRARIES + (OURS if "ours" in sys.argv[2:] else []):
        import_module(name)
    if "ours" in sys.argv[2:]:
        _prove_quickly(sys.argv[1])
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


def _prove_quickly(address: str) -> None:
    """`schema sync` starts a Python for its proof, since it has imported models that the proof imports anew. A process
    that is forked here has imported none of them either."""
    child = import_module("crossdock.schema.sync.child")

    async def run(arguments: bytes) -> tuple[int, bytes]:
        here: dict[str, Any] = {"folder": Path.cwd(), "environment": os.environ}
        status, output, errors = await ordered(address, f"{child.__name__}:main", given=arguments, **here)
        sys.stderr.write(errors.decode())
        return status, output

    child.run = run  # type: ignore[attr-defined]


def _guarded(connection: socket.socket) -> dict[str, Any]:
    """Forks the command's process and returns in it; this one waits for its end, and tells it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    message, files, _, _ = socket.recv_fds(connection, 2**20, 3)
    child = os.fork()
    if child:
        connection.send(f"{child}\n".encode())
        _, status = os.waitpid(child, 0)
        connection.send(f"{os.waitstatus_to_exitcode(status)}\n".encode())
        os._exit(0)
    connection.close()
    for target, file in enumerate(files):
        os.dup2(file, target)
        os.close(file)
    order: dict[str, Any] = json.loads(message)
    return order


def _become(order: dict[str, Any], base: list[str]) -> None:
    """What the interpreter does before a program's first line."""
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    if order.get("own_session"):
        os.setsid()
    sys.argv = order["arguments"]
    if "uuid_utils" in sys.modules:
        sys.modules["uuid_utils"].reseed_rng()  # otherwise all forks would make the same ids
    sys.path = ["", *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)), *base]


def _call(entry: str) -> None:
    """Calls it as a console script does, and ends the process with its status. What has been imported is not taken
    apart first, which would be most of a short command's work: each object that is freed is a page to copy. What else
    the interpreter does at its end is done: threads are joined, handlers of `atexit` run, and circles are collected,
    with what they have to say on stderr. An exception takes the usual way."""
    module, _, function = entry.partition(":")
    try:
        sys.exit(getattr(import_module(module), function)())
    except SystemExit as ended:
        status = ended.code
    if isinstance(status, str):
        sys.stderr.write(f"{status}\n")
    threading._shutdown()
    atexit._run_exitfuncs()
    gc.collect()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if isinstance(status, int) else int(status is not None))


if __name__ == "__main__":
    _call(main())
