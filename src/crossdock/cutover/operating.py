"""What an operator does: looks at the moves, takes a step forward or back, and makes a module read-only."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

import asyncpg
import orjson
import structlog

from crossdock.clock import Clock
from crossdock.config.settings import Settings
from crossdock.cutover import triggers
from crossdock.cutover.changes import ALL, NotMoving, StateChanged, at, change, look, started
from crossdock.cutover.direct import on_direct_lane
from crossdock.cutover.gate import Progress, progress
from crossdock.cutover.ladder import Step, following, ladder, place, preceding
from crossdock.cutover.mismatch import MISMATCH, MISMATCHES, Mismatch, mismatch_of
from crossdock.errors import Conflict, CrossdockError, NotFound
from crossdock.registry import Module, Orm, Registry
from crossdock.stages import EVERYTHING, ModuleState, Stage
from crossdock.stages.watching import state_of

log = structlog.get_logger(__name__)


class GateShut(Conflict):
    """The next step may not be taken yet.

    Each sentence says what is missing.
    """


class Operations:
    """Works on the direct lane, as the owner of the tables. `by` is who does it, for the record."""

    def __init__(self, settings: Settings, registry: Registry, *, by: str, clock: Clock | None = None) -> None:
        self._settings = settings
        self._registry = registry
        self._by = by
        self._now = (clock or Clock()).now

    async def states(self) -> dict[str, ModuleState]:
        """Every module's, and that of all of them."""
        async with self._connected() as connection:
            known = {row["module"]: state_of(row) for row in await connection.fetch(ALL)}
        names = [EVERYTHING, *(module.name for module in self._registry)]
        return {name: known.get(name, ModuleState(name)) for name in names}

    async def progress(self, module: str) -> Progress:
        """Where a module is, and what is in the way of its next step."""
        self._module(module)
        async with self._connected() as connection:
            return await self._progress(connection, await look(connection.fetchrow, module))

    async def start(self, name: str, *, sample: int, reason: str = "") -> ModuleState:
        """To SHADOW. Raises Conflict where the module has one store only, or is moving already."""
        module = self._module(name)
        if missing := [orm for orm in Orm if not self._registry.has_store(module, orm)]:
            raise Conflict(
                f"{name} has no store_{missing[0]}.py: `crossdock schema sync {name}` writes its models and a frame."
            )
        async with self._stepping() as connection:
            state = await look(connection.fetchrow, name)
            if state.is_compared:
                raise Conflict(f"{name} is moving already, and is at {state.stage}.")
            begun = started(state, module.orm, sample, self._now(), by=self._by, reason=reason)
            return await self._forward(connection, state, begun)

    async def advance(self, name: str, *, reason: str = "") -> ModuleState:
        """One step forward. Raises GateShut with what is in the way."""
        self._module(name)
        async with self._stepping() as connection:
            state = await self._moving(connection, name)
            step = following(state)
            if step is None:
                raise Conflict(
                    f"{name} is answered for by {state.stage} alone: `crossdock move finish {name}` is next."
                )
            found = await self._progress(connection, state)
            if found.obstacles:
                raise GateShut(
                    f"{name} stays at {Step(found.state.stage or Stage.SHADOW, state.share)}."
                    f" {' '.join(found.obstacles)}"
                )
            return await self._forward(connection, state, at(state, step, self._now(), by=self._by, reason=reason))

    async def _forward(self, connection: asyncpg.Connection, state: ModuleState, after: ModuleState) -> ModuleState:
        """The triggers come before the stage that needs them."""
        if not after.is_rehearsed:
            after = await change(connection.fetchrow, state, after)
            await self._drop_triggers(connection)  # those of a step back that the module took by itself
            return after
        async with triggers.alone(connection):
            try:
                await triggers.make(connection, self._registry.owners())
                return await change(connection.fetchrow, state, after)
            except BaseException:  # a table or the row that stays locked, another step meanwhile, Ctrl-C
                await self._drop_triggers(connection)
                raise

    async def back(self, name: str, *, reason: str = "", to: Stage | None = None) -> ModuleState:
        """One step back, or to a stage before this one. It is always allowed."""
        self._module(name)
        async with self._stepping() as connection:
            state = await self._moving(connection, name)
            step = preceding(state) if to is None else _earlier(state, to)
            if step is None:
                raise Conflict(f"{name} is at the beginning of its path.")
            after = await change(connection.fetchrow, state, at(state, step, self._now(), by=self._by, reason=reason))
            await self._drop_triggers(connection)
            return after

    async def _drop_triggers(self, connection: asyncpg.Connection) -> None:
        """The step is taken already, so it does not fail here: a trigger that nobody needs does nothing."""
        try:
            if not await triggers.there(connection):
                return  # somebody else may be at a step, which is nothing to warn of
            async with triggers.alone(connection):
                await triggers.drop_unless_needed(connection)
        except (CrossdockError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            log.warning("triggers_left", why=str(error), advice="They do nothing, and the next step drops them.")

    async def finish(self, name: str, *, reason: str = "") -> ModuleState:
        """The end of the path: the manifest names the candidate, and its tool has the tables. Raises Conflict where it
        does not, with what is to be done."""
        module = self._module(name)
        async with self._stepping() as connection:
            state = await self._moving(connection, name)
            candidate = state.candidate
            assert candidate is not None
            # Without the control's store nothing can be compared: code that is newer than a restored database.
            can_compare = self._registry.has_store(module, candidate.other)
            if can_compare and not state.is_at_candidate:
                raise Conflict(f"{name} is at {state.stage}: it is finished from {candidate.value} alone.")
            if left := [table for table in module.tables if module.tool_of(table) is not candidate]:
                raise Conflict(
                    f"{', '.join(left)} of {name} still belong to {candidate.other.tool}:"
                    f" `crossdock migrate handover {' '.join(left)} --to {candidate.tool}`, and deploy that."
                )
            if module.orm is not candidate:
                raise Conflict(
                    f"The manifest of {name} says Orm.{module.orm.name}: write Orm.{candidate.name}, and deploy that."
                )
            found = await self._progress(connection, state)
            if can_compare and found.obstacles:
                raise GateShut(f"{name} stays at {state.stage}. {' '.join(found.obstacles)}")
            over = at(state, Step(Stage.HANDED_OVER), self._now(), by=self._by, reason=reason)
            after = await change(connection.fetchrow, state, over)
            await self._drop_triggers(connection)
            return after

    async def read_only(self, name: str, *, on: bool, reason: str = "") -> ModuleState:
        """Of one module, or of EVERYTHING: from within a second on nothing of it is written, or everything again."""
        if name != EVERYTHING:
            self._module(name)
        async with self._connected() as connection:
            state = await look(connection.fetchrow, name)
            after = replace(state, read_only=on, reason=reason, changed_by=self._by, changed_at=self._now())
            return await change(connection.fetchrow, state, after)

    async def sample(self, name: str, percent: int, *, reason: str = "") -> ModuleState:
        """Compares so many percent of the units of work from within a second on. The stage and its counts stay."""
        self._module(name)
        async with self._connected() as connection:
            state = await self._moving(connection, name)
            after = replace(state, sample=percent, reason=reason, changed_by=self._by, changed_at=self._now())
            return await change(connection.fetchrow, state, after)

    async def mismatches(self, name: str, limit: int = 50) -> list[Mismatch]:
        """The last ones of a module, the newest first, with secrets masked."""
        self._module(name)
        async with self._connected() as connection:
            return [mismatch_of(row) for row in await connection.fetch(MISMATCHES, name, limit)]

    async def mismatch(self, number: int) -> Mismatch:
        """One of them. Raises NotFound."""
        async with self._connected() as connection:
            row = await connection.fetchrow(MISMATCH, number)
        if row is None:
            raise NotFound(
                f"There is no mismatch {number}: `crossdock move mismatches MODULE` lists those that are kept."
            )
        return mismatch_of(row)

    async def history(self, name: str, limit: int = 50) -> list[dict[str, Any]]:
        """Each change of a module's state, or of EVERYTHING's, the newest first."""
        if name != EVERYTHING:
            self._module(name)
        async with self._connected() as connection:
            rows = await connection.fetch(
                "SELECT state FROM module_changes WHERE module = $1 ORDER BY version DESC LIMIT $2", name, limit
            )
        return [orjson.loads(row["state"]) for row in rows]

    def _module(self, name: str) -> Module:
        module = self._registry.modules.get(name)
        if module is None:
            raise NotFound(f"There is no module {name}: there are {', '.join(self._registry.modules)}.")
        return module

    async def _moving(self, connection: asyncpg.Connection, name: str) -> ModuleState:
        state = await look(connection.fetchrow, name)
        if state.candidate is None:
            raise NotMoving(f"{name} is not moving: `crossdock move start {name}`.")
        return state

    async def _progress(self, connection: asyncpg.Connection, state: ModuleState) -> Progress:
        return await progress(connection.fetchrow, self._registry, state, self._settings.moves, self._now())

    @asynccontextmanager
    async def _stepping(self) -> AsyncIterator[asyncpg.Connection]:
        """For a command that takes a step. Where it is refused, it drops what one that was killed has left: that one
        may have changed the row already, so that there is no step for its repetition to take."""
        async with self._connected() as connection:
            try:
                yield connection
            except StateChanged:
                raise  # somebody else is at a step, and drops them where it needs them no more
            except Conflict:
                await self._drop_triggers(connection)
                raise

    def _connected(self) -> AbstractAsyncContextManager[asyncpg.Connection]:
        return on_direct_lane(self._settings)


def _earlier(state: ModuleState, to: Stage) -> Step:
    assert state.control is not None
    earlier = [step for step in ladder(state.control)[: place(state)] if step.stage is to]
    if not earlier:
        raise Conflict(f"{state.module} is at {state.stage}, and {to} is not before it.")
    return earlier[-1]
