"""Runs of the migrations that die by SIGKILL at a chosen point.

This file is a program too: it imports everything once and forks for each run, before any event loop or connection is
there, so that a run costs as much as its statements.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crossdock.migrations.plan import Step
from crossdock.migrations.revision import Revision
from crossdock.migrations.run.runner import Runner
from crossdock.migrations.run.watch import Unwatched
from crossdock.registry import Registry, load_settings
from tests.acceptance.process import environment
from tests.application import at
from tests.commands.quick import PATIENCE_S
from tests.migrations.scene import Scene

NEVER = -1
"""A point that no run comes to."""


class Mortal(Unwatched):
    """Kills its own process at the n-th point of a revision: its beginning is 0, then each statement that was done,
    then its commit."""

    def __init__(self, key: str, point: int) -> None:
        self._key = key
        self._point = point
        self._passed = 0

    async def step(self, step: Step) -> None:
        self._pass(step, "began")

    async def after(self, step: Step, statement: str, pid: int) -> None:
        self._pass(step, statement)

    async def done(self, step: Step) -> None:
        self._pass(step, "done")

    def _pass(self, step: Step, what: str) -> None:
        if step.revision.key == self._key:
            if self._passed == self._point:
                sys.stdout.write(json.dumps(what) + "\n")
                sys.stdout.flush()
                os.kill(os.getpid(), signal.SIGKILL)
            self._passed += 1


@dataclass(frozen=True)
class Way:
    """The run that is killed in a revision."""

    revision: Revision
    direction: str
    target: str | None

    async def is_done(self, scene: Scene) -> bool:
        applied = await scene.versions()
        return (self.revision.name in applied[self.revision.chain]) == (self.direction == "up")


@dataclass(frozen=True)
class Killer:
    """The program, started once by a test process."""

    process: asyncio.subprocess.Process

    async def run(self, scene: Scene, way: Way, point: int) -> str:
        """Where the run died, in its own words; "ended" when it came to its end."""
        order = {
            "environment": scene.project.environment(scene.settings),
            "root": str(scene.project.root),
            "direction": way.direction,
            "target": way.target,
            "key": way.revision.key,
            "point": point,
        }
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        where: str = await self._answer()
        ended = 0 if where == "ended" else await self._answer()
        assert ended in (0, -signal.SIGKILL), f"{where}: {ended}"
        return where

    async def _answer(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(await asyncio.wait_for(self.process.stdout.readline(), PATIENCE_S))


@asynccontextmanager
async def killer() -> AsyncIterator[Killer]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.migrations.killing",
        cwd=Path(__file__).parents[2],
        env=environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**20,
    )
    try:
        yield Killer(process)
    finally:
        process.kill()
        await process.wait()


def _serve() -> None:
    registry = Registry.found()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _die_or_end(registry, json.loads(line))
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        sys.stdout.write(json.dumps("ended" if code == 0 else code) + "\n")
        sys.stdout.flush()


def _die_or_end(registry: Registry, order: dict[str, Any]) -> None:
    os.environ |= order["environment"]
    runner = Runner(load_settings(), replace(registry, application=at(Path(order["root"]))))
    run = runner.up if order["direction"] == "up" else runner.down
    asyncio.run(run(target=order["target"], watch=Mortal(order["key"], order["point"])))
    os._exit(0)


if __name__ == "__main__":
    _serve()
