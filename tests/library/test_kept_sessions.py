"""A tenant is set for a transaction and no longer, whatever happens in it: no session is ever bound to one."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import text
from tortoise.connection import get_connection

from crossdock.config.settings import Settings
from crossdock.driver.tortoise_client import ALIAS
from crossdock.errors import (
    Conflict,
    ConnectionRevoked,
    DatabaseUnavailable,
    OutcomeUnknown,
    ProgrammingError,
    Unauthenticated,
    Unavailable,
)
from crossdock.guards import NestedUnitOfWork
from crossdock.ids import new_id
from crossdock.pools import Pool
from crossdock.pools.connections import PooledConnection
from crossdock.registry import Registry
from crossdock.tenancy import Guard, Platform, Scope
from crossdock.transaction import Database, Transaction, Unit
from crossdock.transaction.reading import Reading
from crossdock.transaction.unit import Status
from freight.tenancy import CompanyScope
from tests.library.outbox import OUTBOX
from tests.library.proxy import Pooler
from tests.library.scene import PLATFORM, Eyes, Stop, appended, new_tenant, opened, small, through
from tests.waiting import until
from tests.world import Server

SEEN = """
    SELECT current_user::text AS role, coalesce(current_setting('crossdock.company_id', true), '') AS company,
        coalesce((SELECT string_agg(id::text, ' ' ORDER BY id) FROM companies WHERE id = ANY($1::uuid[])), '') AS rows
"""
SESSION = "SELECT current_user::text, coalesce(current_setting('crossdock.company_id', true), ''), session_user::text"
Seen = tuple[str, str, str]
Way = Literal["document", "sqlalchemy", "tortoise"]
End = Literal["well", "a rule", "an error of SQL", "cancelled", "too late", "ended before", "ended inside", "refused"]

SLOW = "SELECT pg_sleep(0.05)"


async def look(unit: Unit, way: Way, ids: list[UUID]) -> Seen:
    """As whom the server works for a unit, for which company, and which of these companies it shows."""
    if way == "document":
        row = await unit.first(SEEN, [ids])
        return row["role"], row["company"], row["rows"]
    if way == "sqlalchemy" and unit._pool.orm == "sqlalchemy":
        quoted = ",".join(map(str, ids))
        found = (await unit.sql.exec_driver_sql(SEEN.replace("$1", f"'{{{quoted}}}'"))).one()
        return found[0], found[1], found[2]
    _, rows = await get_connection(ALIAS).execute_query(SEEN, [ids])
    return rows[0]["role"], rows[0]["company"], rows[0]["rows"]


def expected(scope: Scope, ids: list[UUID], *, elevated: bool = False) -> Seen:
    """What a unit of this scope must see."""
    company = str(scope.company_id) if isinstance(scope, CompanyScope) else ""
    if isinstance(scope, CompanyScope) and not elevated:
        return "crossdock_app", company, company
    return "crossdock_platform", company, " ".join(map(str, sorted(ids)))


@dataclass(frozen=True, slots=True)
class Step:
    """One unit of work. `turns` is after how many turns of the loop a cancelled one is cancelled. `added`: the events
    that one that writes adds, before it does anything else."""

    whose: int
    kind: Literal["read on SQLAlchemy", "read on Tortoise", "write", "elevated"]
    ways: list[Way]
    end: End
    turns: int
    added: tuple[UUID, ...]


STEPS = st.builds(
    Step,
    whose=st.integers(0, 2),
    kind=st.sampled_from(["read on SQLAlchemy", "read on SQLAlchemy", "read on Tortoise", "write", "elevated"]),
    ways=st.lists(st.sampled_from(["document", "sqlalchemy", "tortoise"]), max_size=3),
    end=st.sampled_from(
        ["well", "well", "well", "a rule", "an error of SQL", "cancelled", "cancelled", "too late", "ended before",
         "ended inside", "refused"]
    ),
    turns=st.integers(0, 40),
    added=st.builds(lambda number: tuple(new_id() for _ in range(number)), st.integers(0, 2)),
)  # fmt: skip


class Play:
    """Steps, over pools of their own."""

    def __init__(self, database: Database, eyes: asyncpg.Connection, tenants: list[CompanyScope]) -> None:
        self.database = database
        self.eyes, self.one_at_a_time = eyes, asyncio.Lock()
        self.scopes: list[Scope] = [*tenants, PLATFORM]
        self.ids = [tenant.company_id for tenant in tenants]

    async def round(self, steps: list[Step]) -> None:
        """All at once, then a look into every idle connection's session."""
        async with asyncio.TaskGroup() as group:
            for step in steps:
                group.create_task(self.step(step))
        for pool in (self.database.transactions, self.database.tortoise):
            assert pool.gate.statistics.in_use == 0
            for connection in pool._connections:
                await self.is_nobodys(connection)

    async def step(self, step: Step) -> None:
        if step.end == "ended before":
            for pool in (self.database.transactions, self.database.tortoise):
                for connection in pool._connections._idle:
                    await self.end(connection.driver.get_server_pid())
        task = asyncio.create_task(self.unit(step))
        if step.end == "cancelled":
            for _ in range(step.turns):
                await asyncio.sleep(0)
            task.cancel()
        result = (await asyncio.gather(task, return_exceptions=True))[0]
        if isinstance(result, AssertionError):
            raise result
        assert result is None or step.end != "well" or isinstance(result, Unavailable), repr(result)  # by a neighbour
        if not step.kind.startswith("read"):
            await self.is_kept(step, result)

    async def is_kept(self, step: Step, result: BaseException | None) -> None:
        """All that it added is there, as its own company's, where it succeeded; else nothing, or nobody can know."""
        async with self.one_at_a_time:
            rows = await self.eyes.fetch("SELECT company_id FROM outbox WHERE subject_id = ANY($1)", step.added)
        scope = self.scopes[step.whose]
        mine = [scope.company_id if isinstance(scope, CompanyScope) else None] * len(step.added)
        found = [row["company_id"] for row in rows]
        if isinstance(result, OutcomeUnknown | asyncio.CancelledError):
            assert found in ([], mine)
        else:
            assert found == (mine if result is None else []), (step, result)

    async def unit(self, step: Step) -> None:
        scope = self.scopes[step.whose]
        if step.end == "refused":
            scope = replace(scope, guard=Guard("require_session", NO_SESSION))
        pool: Pool = self.database.tortoise if step.kind == "read on Tortoise" else self.database.transactions
        if isinstance(scope, Platform):
            pool = self.database.platform
        reads = step.kind.startswith("read")
        unit = (
            Reading(self.database.environment, scope, pool)
            if reads
            else self.database.transaction(scope, elevates=True)
        )
        async with unit:
            for subject in step.added if isinstance(unit, Transaction) else ():
                unit.add(OUTBOX, appended(subject, scope.company_id if isinstance(scope, CompanyScope) else None))
            for way in step.ways:
                assert await look(unit, way, self.ids) == expected(scope, self.ids)
            if isinstance(unit, Transaction) and step.kind == "elevated":
                await self.elevated(unit, scope, step)
            await self.close(unit, step)
            for way in step.ways:
                assert await look(unit, way, self.ids) == expected(scope, self.ids)

    async def elevated(self, tx: Transaction, scope: Scope, step: Step) -> None:
        async with AsyncExitStack() as stack:
            if step.turns % 2:
                await stack.enter_async_context(tx.savepoint())
            with suppress(Stop):
                async with tx.as_platform("test"):
                    for way in step.ways:
                        assert await look(tx, way, self.ids) == expected(scope, self.ids, elevated=True)
                    if step.turns % 3 == 0:
                        raise Stop

    async def close(self, unit: Unit, step: Step) -> None:
        """Ends a unit as its step says."""
        match step.end:
            case "a rule":
                raise Conflict
            case "an error of SQL":
                await unit.first("SELECT 1 / 0", ())
            case "cancelled":
                await unit.first(SLOW, ())
            case "too late":
                with suppress(TimeoutError):
                    async with asyncio.timeout(step.turns / 10_000):
                        await unit.first(SLOW, ())
            case "ended inside":
                await self.end((await unit.first("SELECT pg_backend_pid()", ()))[0])

    async def end(self, pid: int) -> None:
        async with self.one_at_a_time:
            await self.eyes.execute("SELECT pg_terminate_backend($1, 60000)", pid)

    async def is_nobodys(self, connection: PooledConnection) -> None:
        """An idle session has no company, and at most a tenant's role, as far as the backend is there."""
        try:
            role, company, own = await connection.driver.fetchrow(SESSION)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return
        assert (role, company) == ("crossdock_app" if connection.keeps_session else own, "")


NO_SESSION = (UUID(int=1), UUID(int=2), UUID(int=3), "admin", "both", datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("size", [1, 2])
def test_whatever_happens_each_unit_works_as_its_own_scope(
    settings: Settings, registry: Registry, server: Server, size: int
) -> None:
    """Units of two companies and the platform in any order, some side by side: role, company and rows are their own,
    and an idle session is nobody's. Many more plays: tests/faults/test_sessions.py."""
    play_at_random(settings, registry, server, size, plays=8)


def play_at_random(settings: Settings, registry: Registry, server: Server, size: int, plays: int) -> None:
    """On pools of `size` connections."""
    with asyncio.Runner() as runner:
        eyes = runner.run(server.connect(settings.pooled.database))

        async def play(rounds: list[list[Step]], tenants: list[CompanyScope]) -> None:
            async with opened(small(settings, size), registry) as database:
                played = Play(database, eyes, tenants)
                for steps in rounds:
                    await played.round(steps)

        async def two_tenants() -> list[CompanyScope]:
            async with opened(small(settings, 1, min_size=1), registry) as database:
                return [replace(await new_tenant(database), company_kind="shipper") for _ in range(2)]

        tenants = runner.run(two_tenants())

        @hypothesis(
            max_examples=plays,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.lists(st.lists(STEPS, min_size=1, max_size=3), min_size=2, max_size=8))
        def any_play(rounds: list[list[Step]]) -> None:
            runner.run(play(rounds, tenants))

        any_play()
        runner.run(eyes.close())


@pytest.fixture
async def one(settings: Settings, registry: Registry) -> AsyncIterator[Database]:
    """Pools of one connection each: the next unit gets the connection of the last."""
    async with opened(small(settings, 1, min_size=1), registry) as database:
        yield database


async def test_the_end_of_a_read_turns_away_who_was_about_to_send(one: Database) -> None:
    """Where the lock is being handed on, it is free and has an heir; an end that is cancelled then must not give the
    connection back as it is: the heir would go on, on a connection that is another company's."""
    mine, other = await new_tenant(one), await new_tenant(one)
    unit, sent, over = Reading(one.environment, mine, one.transactions), asyncio.Event(), asyncio.Event()
    late: list[asyncio.Task[Any]] = []

    async def send_late() -> str:
        client = get_connection(ALIAS)
        await client.execute_query(SLOW)
        sent.set()
        await over.wait()
        return str((await client.execute_query("SELECT current_setting('crossdock.company_id')"))[1][0][0])

    async def read() -> None:
        async with unit:
            late.append(asyncio.create_task(send_late()))
            await unit.first("SELECT 1", ())

    reader = asyncio.create_task(read())
    await until(lambda: unit._status is Status.CLOSED)
    reader.cancel()
    await asyncio.wait({reader})
    await until(lambda: sent.is_set() or late[0].done())
    async with Reading(one.environment, other, one.transactions):
        over.set()
        with pytest.raises((ConnectionRevoked, ProgrammingError)):
            await late[0]


@pytest.mark.allows(NestedUnitOfWork, "two clients at once")
async def test_a_backend_that_ends_costs_its_own_unit_alone(settings: Settings, registry: Registry, eyes: Eyes) -> None:
    """SQLAlchemy would take the pool's other connections for lost too, and open them anew amid a unit of work."""
    async with opened(small(settings, 2), registry) as database:
        mine = await new_tenant(database)
        async with (
            Reading(database.environment, mine, database.transactions) as first,
            Reading(database.environment, mine, database.transactions) as second,
        ):
            await asyncio.gather(*(unit.sql.execute(text("SELECT 1")) for unit in (first, second)))
        with pytest.raises(DatabaseUnavailable):
            async with Reading(database.environment, mine, database.transactions) as unit:
                pid = await unit.sql.scalar(text("SELECT pg_backend_pid()"))
                await eyes.value("SELECT pg_terminate_backend($1, 60000)", pid)
                await unit.sql.execute(text("SELECT 1"))
        for _ in range(2):
            async with Reading(database.environment, mine, database.transactions) as unit:
                assert await look(unit, "sqlalchemy", [mine.company_id]) == expected(mine, [mine.company_id])


async def test_a_read_on_a_closed_connection_says_so(one: Database) -> None:
    """The pool was closed meanwhile: unavailable, and no error of the end's own."""
    mine = await new_tenant(one)
    with pytest.raises(DatabaseUnavailable):
        async with Reading(one.environment, mine, one.transactions) as unit:
            await one.transactions.close()
            await unit.first("SELECT 1", ())


async def test_behind_a_pooler_nothing_is_set_in_a_session(settings: Settings, registry: Registry, eyes: Eyes) -> None:
    """It may serve any client next: after reads, writes and errors of two companies a session is as it began."""
    async with Pooler(settings.pooled) as pooler:
        behind = through(small(settings, 1, prepared_statements=False), pooler.address, settings.direct)
        async with opened(behind, registry) as database:
            tenants = [await new_tenant(database) for _ in range(2)]
            play = Play(database, eyes.connection, tenants)
            ends: list[Any] = ["well", "a rule", "an error of SQL", "refused", "cancelled"]
            for end, kind, whose in itertools.product(
                ends, ["read on SQLAlchemy", "read on Tortoise", "write", "elevated"], range(3)
            ):
                await play.round([Step(whose, kind, ["document", "sqlalchemy", "tortoise"], end, 7, (new_id(),))])
            for connection in (
                *database.transactions._connections,
                *database.tortoise._connections,
                *database.platform._connections,
            ):
                assert not connection.keeps_session
                assert await everything_set(connection) == []


async def everything_set(connection: PooledConnection) -> list[str]:
    """What a session has that a new one has not, its role too."""
    rows = await connection.driver.fetch("SELECT name FROM pg_settings WHERE source = 'session'")
    rows += await connection.driver.fetch("SELECT current_user WHERE current_user <> session_user")
    rows += await connection.driver.fetch("SELECT 1 WHERE current_setting('crossdock.company_id', true) <> ''")
    return [row[0] for row in rows]


async def test_a_kept_session_is_nobodys(one: Database) -> None:
    """Documents run in it without a transaction around them; between them it is nobody, who sees and writes nothing."""
    mine = await new_tenant(one)
    async with Reading(one.environment, mine, one.transactions) as unit:
        for _ in range(2):
            assert await look(unit, "document", [mine.company_id]) == expected(mine, [mine.company_id])
            assert not unit._open().driver.is_in_transaction()
    (connection,) = one.transactions._connections
    assert connection.keeps_session
    assert await connection.driver.fetch("SELECT id FROM companies") == []
    assert await connection.driver.execute("UPDATE bids SET version = version") == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        await connection.driver.execute(
            "INSERT INTO outbox (id, type, subject_id, company_id, payload, created_at)"
            " VALUES ($1, 'x', $1, $2, '{}', now())",
            new_id(),
            mine.company_id,
        )


async def test_a_document_cannot_write(one: Database) -> None:
    """It is a part of a SELECT, where nothing that writes can be said."""
    mine = await new_tenant(one)
    for sql in (
        "UPDATE bids SET version = 2 RETURNING id",
        "WITH b AS (DELETE FROM bids RETURNING id) SELECT id FROM b",
    ):
        with pytest.raises((asyncpg.PostgresSyntaxError, asyncpg.FeatureNotSupportedError)):
            async with Reading(one.environment, mine, one.transactions) as unit:
                await unit.first(sql, ())


@pytest.mark.parametrize("sql", ["SELECT id FROM companies WHERE id = $1", "SELECT $1::uuid AS id WHERE false"])
@pytest.mark.parametrize("keep_sessions", [True, False])
async def test_a_guard_is_asked_also_where_nothing_is_found(
    settings: Settings, registry: Registry, sql: str, *, keep_sessions: bool
) -> None:
    """Of a document that finds its row, and of one that finds none: refused, and the connection goes on."""
    async with opened(small(settings, 1, keep_sessions=keep_sessions), registry) as database:
        mine = await new_tenant(database)
        async with Reading(database.environment, mine, database.transactions) as unit:
            await unit.first(sql, [mine.company_id])
        for _ in range(2):
            guarded = replace(mine, guard=Guard("require_session", NO_SESSION))
            with pytest.raises(Unauthenticated):
                async with Reading(database.environment, guarded, database.transactions) as unit:
                    await unit.first(sql, [mine.company_id])
            assert guarded.guard is not None
            assert not guarded.guard.passed
        assert len(database.transactions._connections) == 1
