"""Records while revisions run which locks they took, how long they held them, and how long others waited.

The locks of a transaction are held until its commit, so that a look after each statement misses none. A statement that
stands alone lets go of its locks when it ends, so it is looked at while it runs, every SAMPLE_S.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import asyncpg

from crossdock.address import Address
from crossdock.driver.connection import connect
from crossdock.migrations.history.journal import PROGRAM
from crossdock.migrations.plan import Step
from crossdock.migrations.run.lock import look_into
from crossdock.migrations.run.watch import Unwatched
from crossdock.models.names import MACHINERY
from crossdock.sql.modes import Mode

SAMPLE_S = 0.01
SHOWN = 70
"""Characters of a statement in a line."""

TABLES = """
SELECT oid, relname FROM pg_class
WHERE relnamespace = to_regnamespace(current_schema) AND relkind IN ('r', 'p') AND relname <> ALL($1)
"""
HELD = """
SELECT l.relation, l.mode FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.granted AND l.relation = ANY($1) AND a.datname = current_database() AND a.application_name = $2
"""
WAITING = """
SELECT l.relation, extract(epoch FROM clock_timestamp() - l.waitstart)::float AS waited_s
FROM pg_locks l
WHERE NOT l.granted AND l.waitstart IS NOT NULL AND l.relation = ANY($1) AND EXISTS (
    SELECT FROM pg_stat_activity a
    WHERE a.pid = ANY(pg_blocking_pids(l.pid)) AND a.datname = current_database() AND a.application_name = $2)
"""


@dataclass(frozen=True, slots=True)
class TakenLock:
    """A lock on a table that was there before its revision. `waited_s`: the longest that anybody was seen to wait for
    the table behind the revision. Both times are in seconds, and as exact as SAMPLE_S."""

    revision: str
    direction: str
    statement: str
    table: str
    mode: Mode
    held_s: float
    waited_s: float


class Trace(Unwatched):
    """A watch with two connections of its own. `taken` grows with each revision that commits."""

    def __init__(self, eyes: asyncpg.Connection, sampler: asyncpg.Connection) -> None:
        self.taken: list[TakenLock] = []
        self._eyes = eyes
        self._sampler = sampler
        self._tables: dict[int, str] = {}
        self._name = ""
        self._statement = ("", 0.0)
        self._since: dict[tuple[int, Mode], tuple[str, float]] = {}
        self._until: dict[tuple[int, Mode], float] = {}
        self._waited: dict[int, float] = {}
        self._sampling: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def on(cls, address: Address) -> AsyncIterator["Trace"]:
        eyes, sampler = await connect(address), await connect(address)
        try:
            for connection in (eyes, sampler):
                await look_into(connection, address)
            trace = cls(eyes, sampler)
            yield trace
            await trace._stop()
        finally:
            await eyes.close()
            await sampler.close()

    async def step(self, step: Step) -> None:
        await self._stop()
        self._tables = {row["oid"]: row["relname"] for row in await self._eyes.fetch(TABLES, [*MACHINERY])}
        self._name = f"{PROGRAM} ({step.revision.chain})"
        self._since, self._until, self._waited = {}, {}, {}
        self._sampling = asyncio.create_task(self._sample(step))

    async def before(self, _step: Step, statement: str) -> None:
        self._statement = (" ".join(statement.split()), time.monotonic())

    async def after(self, step: Step, _statement: str, _pid: int) -> None:
        if not step.revision.stands_alone:
            self._note(await self._eyes.fetch(HELD, list(self._tables), self._name))

    async def done(self, step: Step) -> None:
        ended = time.monotonic()
        await self._stop()
        for key, (statement, since) in sorted(self._since.items(), key=lambda item: item[1][1]):
            table, mode = key
            until = self._until[key] if step.revision.stands_alone else ended
            self.taken.append(
                TakenLock(
                    step.revision.key,
                    step.direction.value,
                    statement,
                    self._tables[table],
                    mode,
                    until - since,
                    self._waited.get(table, 0.0),
                )
            )

    def _note(self, rows: list[asyncpg.Record]) -> None:
        statement, since = self._statement
        for row in rows:
            key = (row["relation"], Mode.of(row["mode"]))
            self._since.setdefault(key, (statement, since))
            self._until[key] = time.monotonic()

    async def _sample(self, step: Step) -> None:
        tables = list(self._tables)
        while True:
            if step.revision.stands_alone:
                self._note(await self._sampler.fetch(HELD, tables, self._name))
            for row in await self._sampler.fetch(WAITING, tables, self._name):
                self._waited[row["relation"]] = max(row["waited_s"], self._waited.get(row["relation"], 0.0))
            await asyncio.sleep(SAMPLE_S)

    async def _stop(self) -> None:
        if self._sampling is not None:
            self._sampling.cancel()
            with suppress(asyncio.CancelledError):
                await self._sampling
            self._sampling = None


def in_words(lock: TakenLock) -> str:
    """For the person who rehearses: one line for a lock."""
    statement = lock.statement if len(lock.statement) <= SHOWN else lock.statement[: SHOWN - 3] + "..."
    return (
        f"{lock.revision} {lock.direction}: {lock.mode.label} on {lock.table} for {lock.held_s * 1000:,.0f} ms"
        f" (others waited up to {lock.waited_s * 1000:,.0f} ms): {statement}"
    )
