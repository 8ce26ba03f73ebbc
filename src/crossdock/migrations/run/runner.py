"""Brings all chains up and down: one plan, one lock, a journal row for each step."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress

import asyncpg

from crossdock.config.settings import Settings
from crossdock.driver.connection import connect
from crossdock.migrations.history import journal
from crossdock.migrations.history.agreement import write_down
from crossdock.migrations.history.journal import ALONE, Journal
from crossdock.migrations.history.mending import mend
from crossdock.migrations.plan import Step
from crossdock.migrations.preview.preview import Plan, Preview
from crossdock.migrations.revision import Direction
from crossdock.migrations.run.catalogue import Catalogue
from crossdock.migrations.run.conductor import Conductor
from crossdock.migrations.run.failure import LOCKED, blockers, step_failed
from crossdock.migrations.run.lock import deployer_lock, refuse_while_deployed
from crossdock.migrations.run.lock_order import LockOrder
from crossdock.migrations.run.preparation import Prepared, Wanted, prepare
from crossdock.migrations.run.roles import ensure_roles, ensure_schema, refuse_temporary_tables
from crossdock.migrations.run.watch import Unwatched, Watch
from crossdock.migrations.status import Chains, ChainStatus
from crossdock.migrations.tools.every import tools_of
from crossdock.migrations.tools.tool import Tool
from crossdock.registry import Registry
from crossdock.transaction.faults import driver_error

Progress = Callable[[str], None]
BACKOFF_S = 0.5


class Runner:
    """Runs both tools under one lock. A killed run is run again: a revision is there as a whole, with its row in the
    version table and in the journal, or it can be repeated."""

    def __init__(self, settings: Settings, registry: Registry) -> None:
        self._settings = settings
        self._limits = settings.migrations
        self.chains = Chains(settings.direct, registry.application)
        self._registry = registry
        self.tools: dict[str, Tool] = tools_of(settings.direct, registry, self.chains.chains)

    async def status(self) -> list[ChainStatus]:
        return await self.chains.status()

    async def up(
        self,
        progress: Progress = lambda _: None,
        *,
        target: str | None = None,
        accept: Collection[str] = (),
        watch: Watch | None = None,
        wait_s: float | None = None,
    ) -> int:
        """To the head of each chain, or to `target` and what it stands on. Does nothing, quickly, when it is there.

        `accept` names revisions whose file and row in the version table are right as they are, whatever the journal
        says. Returns how many revisions were run. Raises MigrationsRefused before anything is run, StepFailed,
        AnotherDeployer.
        """
        async with self._locked(wait_s) as connection:
            prepared = await self._prepare(connection, Direction.UP, target, accept)
            progress("roles")
            tenancy = self._registry.application.tenancy_object
            await ensure_roles(connection, tenancy, self._settings.pooled.user, self._settings.platform.user)
            await ensure_schema(connection, self._settings.direct.schema, tenancy.roles)
            await refuse_temporary_tables(connection)
            # The journal is whole before the first step: its triggers write what each step does to a version table.
            await write_down(connection, prepared.histories, prepared.accepted)
            for step in prepared.steps:
                progress(f"{step.revision.key} up")
                await self._run(connection, step, watch or Unwatched())
            for line in await Catalogue(connection).rebuild(self._limits.concurrent_timeout_ms):
                progress(line)
            return len(prepared.steps)

    async def down(
        self,
        progress: Progress = lambda _: None,
        *,
        target: str | None = None,
        accept: Collection[str] = (),
        watch: Watch | None = None,
        wait_s: float | None = None,
    ) -> int:
        """To nothing, every table of ours with its rows; or until nothing stands on `target`, which stays. Returns how
        many revisions were undone."""
        async with self._locked(wait_s) as connection:
            prepared = await self._prepare(connection, Direction.DOWN, target, accept)
            if not prepared.steps:
                return 0
            await write_down(connection, prepared.histories, prepared.accepted)
            for step in prepared.steps:
                progress(f"{step.revision.key} down")
                await self._run(connection, step, watch or Unwatched())
            return len(prepared.steps)

    async def mend(self, progress: Progress = lambda _: None, *, wait_s: float | None = None) -> None:
        """Both version tables as the tools and the runner left them, by the journal. Raises MigrationsRefused."""
        async with self._locked(wait_s) as connection:
            histories = await self.chains.histories(connection)
            # A table that was dropped is there again, and so is its trigger.
            await Journal(connection).ensure(self.chains.chains)
            contents = {name: tool.content for name, tool in self.tools.items()}
            for line in await mend(connection, histories, contents):
                progress(line)

    async def plan(
        self, direction: Direction = Direction.UP, target: str | None = None, *, accept: Collection[str] = ()
    ) -> Plan:
        """What `up` or `down` would do now; takes no lock and runs nothing. Raises MigrationsRefused as they would."""
        connection = await connect(self._settings.direct)
        try:
            await refuse_while_deployed(connection)
            prepared = await self._prepare(connection, direction, target, accept, is_run=False)
            preview = await Preview.of(connection)
        finally:
            await connection.close()
        return preview.plan(direction, list(zip(prepared.steps, prepared.scripts, strict=True)))

    async def _prepare(
        self,
        connection: asyncpg.Connection,
        direction: Direction,
        target: str | None,
        accept: Collection[str],
        *,
        is_run: bool = True,
    ) -> Prepared:
        wanted = Wanted(direction, target, accept, is_run)
        return await prepare(connection, self.chains, self._registry, self.tools, wanted)

    @asynccontextmanager
    async def _locked(self, wait_s: float | None) -> AsyncIterator[asyncpg.Connection]:
        wait_s = self._limits.wait_s if wait_s is None else wait_s
        async with deployer_lock(self._settings.direct, wait_s=wait_s) as connection:
            yield connection

    async def _run(self, connection: asyncpg.Connection, step: Step, watch: Watch) -> None:
        written, revision = Journal(connection), step.revision
        if step.is_there:
            await self.tools[revision.chain].record(revision)
            return
        chain = self.chains.named(revision.chain)
        tries = 1 if revision.stands_alone else self._limits.lock_tries
        timeouts, order = self._limits.timeouts(stands_alone=revision.stands_alone), LockOrder()
        for attempt in range(1, tries + 1):
            conductor = Conductor(step, watch, Catalogue(connection), timeouts, order.statements, table=chain.table)
            # Before the step, on the lock's own connection: a kill from here on finds it begun and not done.
            await written.write("started", revision, how(step))
            await watch.step(step)
            try:
                await self.tools[revision.chain].run(revision, step.direction, conductor)
            except Exception as error:
                cause = driver_error(error)
                with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                    await written.write("failed", revision, str(cause)[:500])
                if not isinstance(cause, LOCKED) or attempt == tries:
                    who = await blockers(connection, conductor) if isinstance(cause, LOCKED) else []
                    vouched = journal.vouched(await written.events(), chain)
                    raise step_failed(conductor, cause, who, attempt, vouched) from error
                # The step was rolled back and holds no lock: whoever was in the way goes on during the pause below.
                if conductor.current is not None:
                    await order.learn(connection, conductor.current)
                await asyncio.sleep(BACKOFF_S * random.uniform(1, 2) * min(attempt, 10))  # noqa: S311
            else:
                await watch.done(step)
                return


def how(step: Step) -> str:
    """What the journal keeps of a step, since its file may be gone when somebody asks."""
    return f"{step.direction.value}{ALONE if step.revision.stands_alone else ''}"
