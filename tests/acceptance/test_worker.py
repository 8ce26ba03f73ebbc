"""A worker's process, once its app has started."""

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from crossdock.cli.serve.worker import COUNTED_IN, error_of, sweep
from crossdock.config.settings import Settings
from tests.acceptance.process import environment

LOOKED_AT = """
import asyncio, gc
from crossdock.cli.serve.worker import make_app

async def main():
    app = make_app()
    async with app.router.lifespan_context(app):
        print(gc.get_freeze_count(), len(gc.get_objects()))

asyncio.run(main())
"""


async def test_what_stays_is_no_longer_looked_through(settings: Settings) -> None:
    """A full garbage collection, in which every request waits, has little to look at."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LOOKED_AT, env=environment(settings), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    frozen, left = map(int, (await process.stdout.read()).split())
    assert await process.wait() == 0
    assert frozen > 100_000
    assert left < frozen / 100


TRACEBACKS = {
    """Traceback (most recent call last):
  File "a.py", line 1, in <module>
    connect()
    ^^^^^^^^^
asyncpg.exceptions.UniqueViolationError: duplicate key value
DETAIL:  Key (id)=(1) already exists.
HINT:    Take another.""": (
        "asyncpg.exceptions.UniqueViolationError: duplicate key value DETAIL: Key (id)=(1) already exists."
        " HINT: Take another."
    ),
    """Traceback (most recent call last):
  File "a.py", line 1, in <module>
    first()
OSError: disk

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "b.py", line 2, in f
    second()
pydantic_core.ValidationError: 2 validation errors for Settings
workers
  Input should be a valid integer
""": "pydantic_core.ValidationError: 2 validation errors for Settings workers Input should be a valid integer",
    "Traceback (most recent call last):\nKeyboardInterrupt": "Traceback (most recent call last): KeyboardInterrupt",
}


@pytest.mark.parametrize("text", TRACEBACKS)
def test_an_error_of_several_lines_keeps_what_went_wrong(text: str) -> None:
    """What a library logs as a traceback is one line of our log, from the error's name to its last word."""
    assert error_of(text) == TRACEBACKS[text]


def test_only_what_a_dead_service_has_left_is_removed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder of one that runs stays, and so does one that is not ours."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    names = [f"{COUNTED_IN}{dead.pid}-left", f"{COUNTED_IN}{os.getpid()}-used", f"{COUNTED_IN}mine", "other"]
    for name in names:
        (tmp_path / name).mkdir()
    sweep()
    assert {path.name for path in tmp_path.iterdir()} == set(names[1:])
