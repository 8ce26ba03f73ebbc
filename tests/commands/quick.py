"""Commands in processes of their own that need not import the libraries first: `forking.py` starts them."""

import asyncio
import atexit
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE_S = 180
"""For what comes in its own time, however busy the machine is. Only a program that hangs takes so long."""


class Ran:
    """A command that has ended."""

    def __init__(self, status: int, output: str, errors: str) -> None:
        self.status = status
        self.output = output
        self.errors = errors

    def __repr__(self) -> str:
        return f"<exit status {self.status}: {self.output!r} {self.errors!r}>"

    @property
    def json(self) -> Any:
        return json.loads(self.output)

    def is_one_line(self, *words: str) -> bool:
        """Whether it failed with one line on stderr that has all of the words, and nothing on stdout."""
        lines = self.errors.strip().splitlines()
        return self.status == 1 and not self.output and len(lines) == 1 and all(word in self.errors for word in words)


async def quickly(entry: str, *arguments: str, folder: Path, environment: Mapping[str, str], given: str = "") -> Ran:
    """Runs `module:function` of what the environment's PYTHONPATH has, with `sys.argv` as given, to its end. `given` is
    what it reads on stdin."""
    address = forking_program(ours=not _has_own_code(environment))
    status, output, errors = await ordered(
        address, entry, *arguments, folder=folder, environment=environment, given=given.encode()
    )
    return Ran(status, output.decode(), errors.decode())


async def ordered(
    address: str, entry: str, *arguments: str, folder: Path, environment: Mapping[str, str], given: bytes
) -> tuple[int, bytes, bytes]:
    """The same of the forking program at an address: exit status, stdout and stderr."""
    with ExitStack() as stack:
        files = stdin, output, errors = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)]
        stdin.write(given)
        stdin.seek(0)
        order = {"entry": entry, "arguments": arguments, "folder": str(folder), "environment": dict(environment)}
        command = await _start(address, order, [file.fileno() for file in files])
        try:
            status = await asyncio.wait_for(command.wait(), PATIENCE_S)
        except BaseException:
            command.kill()
            raise
        output.seek(0)
        errors.seek(0)
        return status, output.read(), errors.read()


class Started:
    """A command that runs. What is asked of it is called as asyncio calls it."""

    def __init__(self, pid: int, told: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._end = asyncio.create_task(self._ended(told, writer))

    async def _ended(self, told: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
        self.returncode = int(await told.readline())
        writer.close()
        return self.returncode

    async def wait(self) -> int:
        return await asyncio.shield(self._end)

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


async def started(
    entry: str, *arguments: str, folder: Path, environment: Mapping[str, str], files: Sequence[int]
) -> Started:
    """As `quickly`, in a session of its own and not to its end. The files are its stdin, stdout and stderr."""
    order = {"entry": entry, "arguments": arguments, "folder": str(folder), "environment": dict(environment)}
    address = forking_program(ours=not _has_own_code(environment))
    return await _start(address, order | {"own_session": True}, files)


async def _start(address: str, order: Mapping[str, Any], files: Sequence[int]) -> Started:
    to = socket.socket(socket.AF_UNIX)
    to.connect(address)
    socket.send_fds(to, [json.dumps(order).encode()], files)
    reader, writer = await asyncio.open_unix_connection(sock=to)
    return Started(int(await reader.readline()), reader, writer)


def _has_own_code(environment: Mapping[str, str]) -> bool:
    """Whether Crossdock itself comes from elsewhere: from a copy of the project, or from a release."""
    folders = environment.get("PYTHONPATH", "").split(os.pathsep)
    found = (Path(folder, "crossdock").resolve() for folder in folders if folder)
    return any(each.exists() and each != ROOT / "src" / "crossdock" for each in found)


@cache
def forking_program(*, ours: bool) -> str:
    """Where it listens; started when it is first needed, it ends with this process."""
    folder = tempfile.mkdtemp(prefix="crossdock-", dir="/tmp")
    address = f"{folder}/socket"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.commands.forking", address, *(["ours"] if ours else [])],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(shutil.rmtree, folder)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return address
