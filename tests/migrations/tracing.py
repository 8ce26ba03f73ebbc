"""Runs revisions under a trace, and holds what it saw against what the plan foretold."""

import asyncio

import asyncpg

from crossdock.migrations.plan import Step
from crossdock.migrations.preview.trace import TakenLock, Trace
from crossdock.migrations.revision import Direction
from crossdock.sql.modes import Mode
from tests.migrations.scene import Scene

FELT = Mode.SHARE_UPDATE_EXCLUSIVE
"""Weaker ones are in nobody's way."""


def strongest(locks: list[tuple[str, Mode]]) -> dict[str, Mode]:
    found: dict[str, Mode] = {}
    for table, mode in locks:
        if mode >= FELT:
            found[table] = max(mode, found.get(table, mode))
    return found


class PatientTrace(Trace):
    """A statement that stands alone waits for a transaction of ours, until its locks were looked at: one that is over
    between two looks would not be seen."""

    in_the_way: asyncpg.Connection
    _leaving: asyncio.Task[None] | None = None

    async def before(self, step: Step, statement: str) -> None:
        await super().before(step, statement)
        if step.revision.stands_alone:
            self._seen = asyncio.Event()
            await self.in_the_way.execute("BEGIN")
            await self.in_the_way.execute(f"LOCK TABLE {', '.join(self._tables.values())} IN ROW EXCLUSIVE MODE")
            self._leaving = asyncio.create_task(self._leave())

    async def after(self, step: Step, statement: str, pid: int) -> None:
        await super().after(step, statement, pid)
        if self._leaving is not None:
            self._seen.set()  # it did not wait
            await self._leaving

    def _note(self, rows: list[asyncpg.Record]) -> None:
        super()._note(rows)
        if rows and self._leaving is not None:
            self._seen.set()

    async def _leave(self) -> None:
        await self._seen.wait()
        await self.in_the_way.execute("ROLLBACK")


async def foretold_and_taken(scene: Scene, direction: Direction, target: str | None) -> list[TakenLock]:
    """Runs it; what was told before of each revision is what was seen."""
    runner = scene.runner
    plan = await runner.plan(direction, target)
    async with PatientTrace.on(scene.settings.direct) as trace:
        trace.in_the_way = await scene.server.connect(scene.settings.direct.database)
        await (runner.up if direction is Direction.UP else runner.down)(target=target, watch=trace)
        await trace.in_the_way.close()
    for planned in plan:
        key = planned.step.revision.key
        statements = planned.statements or ()
        # A sequence goes with its table: the trace looks at tables.
        foretold = [lock for each in statements for lock in each.locks if not lock.table.endswith("_seq")]
        told = [(lock.table, lock.mode) for lock in foretold if not lock.is_new]
        seen = [(lock.table, lock.mode) for lock in trace.taken if lock.revision == key]
        if not any(each.is_opaque for each in statements):
            assert strongest(seen) == strongest(told), (key, direction)
    return trace.taken
