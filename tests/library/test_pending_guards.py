"""What could go wrong with pending work and its lock, and does not: each test fails when one guard is taken out."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import nullcontext
from dataclasses import replace

import asyncpg
import pytest
from sqlalchemy import text
from tortoise.connection import get_connection

from crossdock.config.settings import Settings
from crossdock.driver.lock import ConnectionLock
from crossdock.driver.tortoise_client import ALIAS
from crossdock.errors import ConnectionRevoked, Invalid, OutcomeUnknown, TransactionAborted, Unauthenticated
from crossdock.guards import SessionFeatureUsed
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.transaction import Database
from crossdock.transaction.reading import Reading
from freight.tenancy import CompanyScope
from tests.library.outbox import OUTBOX
from tests.library.scene import (
    PLATFORM,
    SAVEPOINTS,
    SOMEBODY,
    Eyes,
    Stop,
    appended,
    new_tenant,
    opened,
    outbox_row,
    small,
)
from tests.library.test_adding import NO_SESSION
from tests.library.test_pending import Sent, all_of, look, watched
from tests.waiting import Held, held, until, until_they_wait
from tests.world import PATIENT_S, Server


@pytest.fixture
async def one(settings: Settings, registry: Registry) -> AsyncIterator[Database]:
    """Pools of one connection each: a test sees all that is sent."""
    async with opened(small(settings, 1, min_size=1), registry) as database:
        yield database


@pytest.fixture
async def tenant(one: Database) -> CompanyScope:
    return await new_tenant(one)


@pytest.mark.parametrize("block", SAVEPOINTS)
async def test_a_savepoint_without_a_change_of_role_restores_none(
    one: Database, tenant: CompanyScope, block: str
) -> None:
    """PostgreSQL goes back to the role that the unit has anyhow."""
    async with one.transaction(tenant) as tx:
        if block == "SQLAlchemy's":
            await tx.session.execute(text("SELECT 1"))
        await look(tx)
        sent = Sent()
        tx._open().driver.add_query_logger(lambda record: sent.add(record.query))  # type: ignore[attr-defined]
        with pytest.raises(Stop):
            async with SAVEPOINTS[block](tx):
                raise Stop
        await look(tx)
        assert (await all_of(sent))[-2:] == ["undo", "look"]


async def test_the_role_that_follows_an_undone_savepoint_is_not_taken_back(one: Database, tenant: CompanyScope) -> None:
    """It was not changed by anybody, so it is no change that could be undone: the role of PostgreSQL is not known."""
    sent = await watched(one, elevates=True)
    async with one.transaction(tenant, elevates=True) as tx, tx.as_platform("test"):
        await look(tx)
        tx._pending.set_role("crossdock_app")
        tx._pending.take_back_role("crossdock_app")  # a change of this unit's, not sent yet
        with pytest.raises(Stop):
            async with tx.savepoint():
                raise Stop
        tx._pending.set_role("crossdock_platform")
        for _ in range(2):
            tx._pending.take_back_role("crossdock_platform")
        (await all_of(sent)).clear()
        await look(tx)
        assert await all_of(sent) == ["platform", "look"]


async def test_rows_after_an_undone_savepoint_are_written_together(
    one: Database, tenant: CompanyScope, eyes: Eyes
) -> None:
    """What was tried in the savepoint is forgotten with it, and holds up nothing that comes later."""
    subjects = [new_id(), new_id()]
    sent = await watched(one)
    async with one.transaction(tenant) as tx:
        with pytest.raises(asyncpg.StringDataRightTruncationError):
            async with tx.savepoint():
                tx.append(OUTBOX, [appended(new_id(), tenant.company_id) | {"type": "x" * 101}])
        (await all_of(sent)).clear()
        for subject in subjects:
            tx.append(OUTBOX, [appended(subject, tenant.company_id)])
    assert await all_of(sent) == ["insert", "commit"]
    assert [await eyes.written(each) for each in subjects] == [{"sqlalchemy"}] * 2


async def test_a_lock_that_is_handed_on_is_in_use(one: Database, tenant: CompanyScope, eyes: Eyes) -> None:
    """A reading ends while its lock goes from its own statement to that of a task: it is waited for, also by a reading
    that is cancelled. The next unit would get the connection with that statement still running on it."""
    in_use = one.transactions.gate.statistics
    async with held(eyes.connection) as slow_one:
        tasks = []

        async def read() -> None:
            async with Reading(one.environment, tenant, one.transactions) as unit:
                tasks.append(asyncio.create_task(unit.first(slow_one.sql, ())))
                await look(unit)  # has the lock before the task starts, and ends without another turn of the loop

        reading = asyncio.create_task(read())
        await until_they_wait(eyes.connection, 1)
        reading.cancel()
        for _ in range(20):
            await asyncio.sleep(0)
        assert (reading.done(), in_use.in_use) == (False, 1)
        await slow_one.let_go()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await asyncio.gather(*tasks)
    assert in_use.in_use == 0


@pytest.mark.parametrize("fails", [False, True], ids=["an end", "an end that fails"])
async def test_all_who_queued_behind_the_end_are_refused(
    one: Database, tenant: CompanyScope, eyes: Eyes, *, fails: bool
) -> None:
    """The first one hands the lock on to the second, which would wait for ever. Neither runs in no transaction."""

    async def behind_the_end(lock: ConnectionLock) -> None:
        client = get_connection(ALIAS)
        await until(lambda: lock._waiters)
        with pytest.raises(ConnectionRevoked):
            await client.execute_query("SELECT 1")

    async def let_go(slow_one: Held, lock: ConnectionLock) -> None:
        await until(lambda: len(lock._waiters or ()) == 3)  # the end, and the two behind it
        await slow_one.let_go()

    async with held(eyes.connection) as slow_one:
        with pytest.raises(TransactionAborted) if fails else nullcontext():
            async with one.transaction(tenant) as tx:
                lock = tx._open().lock
                slow = asyncio.create_task(tx.first(f"SELECT 1 / {int(not fails)} FROM ({slow_one.sql}) AS slow", ()))
                await until(lock.locked)
                others = [let_go(slow_one, lock), behind_the_end(lock), behind_the_end(lock)]
                tasks = [slow, *map(asyncio.create_task, others)]
        async with asyncio.timeout(PATIENT_S):
            found = await asyncio.gather(*tasks, return_exceptions=True)
    assert found[1:] == [None] * 3


@pytest.mark.parametrize("is_one_statement", [True, False])
async def test_what_the_session_cannot_write_at_the_end_costs_nothing_else(
    one: Database, tenant: CompanyScope, eyes: Eyes, *, is_one_statement: bool
) -> None:
    """The flush of the end fails: the transaction is rolled back, and the connection given back."""
    subject = new_id()
    with pytest.raises(Invalid):
        async with one.transaction(tenant) as tx:
            if not is_one_statement:
                await look(tx)
            tx.append(OUTBOX, [appended(subject, tenant.company_id)])
            row = outbox_row(subject, tenant.company_id)
            row.type = "x" * 101
            tx.session.add(row)
    assert (one.transactions.gate.statistics.in_use, len(one.transactions._connections)) == (0, 1)
    assert await eyes.written(subject) == set()


async def test_a_refusal_by_the_guard_costs_no_connection(settings: Settings, registry: Registry) -> None:
    """Where BEGIN is sent at once too, as behind a pooler: whoever is signed out could close them all."""
    sized = small(settings, 1, min_size=1, keep_sessions=False)
    async with opened(sized, registry) as database:
        (connection,) = database.transactions._connections
        for begin in (database.transaction, database.reading):
            guard = replace(NO_SESSION)
            with pytest.raises(Unauthenticated):
                async with begin(replace(SOMEBODY, guard=guard)):
                    raise AssertionError
            assert not guard.passed
        assert list(database.transactions._connections) == [connection]
        assert not connection.driver.is_in_transaction()


async def test_the_next_connection_is_taken_for_one_that_is_gone(
    settings: Settings, registry: Registry, server: Server
) -> None:
    """Its backend was ended while it lay in the pool, and the driver has not read that yet: BEGIN finds it out."""
    async with opened(small(settings, 1, min_size=1), registry) as database:
        (gone,) = database.platform._connections

        async def end() -> None:
            superuser = await server.connect(settings.pooled.database)
            await superuser.execute("SELECT pg_terminate_backend($1, 60000)", gone.driver.get_server_pid())
            await superuser.close()

        thread = threading.Thread(target=asyncio.run, args=(end(),))
        thread.start()
        thread.join()  # this loop stands still, so it reads nothing from any connection
        assert not gone.driver.is_closed()
        async with database.transaction(PLATFORM) as tx:
            await look(tx)
        assert gone not in list(database.platform._connections)


@pytest.mark.allows(SessionFeatureUsed, "it is what the test is about")
async def test_a_lock_of_the_session_ends_with_a_transaction_that_fails(
    one: Database, tenant: CompanyScope, eyes: Eyes
) -> None:
    """ROLLBACK gives back those of the transaction alone."""
    with pytest.raises(Stop):
        async with one.transaction(tenant) as tx:
            await tx.first("SELECT pg_advisory_lock(20261127)", ())
            raise Stop
    assert len(one.transactions._connections) == 1
    assert await eyes.value("SELECT pg_try_advisory_lock(20261127)")
    await eyes.value("SELECT pg_advisory_unlock(20261127)")


async def test_a_transaction_that_is_open_after_its_end_is_told(one: Database, tenant: CompanyScope) -> None:
    """As when COMMIT did not do what it says. The next unit does not get the connection."""
    object.__setattr__(one.environment, "commit_and_restore", "SELECT 1")
    with pytest.raises(OutcomeUnknown, match="open after its end"):
        async with one.transaction(tenant) as tx:
            await look(tx)
    assert not one.transactions._connections._all


async def test_a_read_that_was_cut_off_costs_its_connection(one: Database, tenant: CompanyScope, eyes: Eyes) -> None:
    """It is the only statement, in no transaction of ours: PostgreSQL may be at work on it still."""

    async def read(sql: str) -> None:
        async with Reading(one.environment, tenant, one.transactions) as unit:
            await unit.first(sql, ())

    (connection,) = one.transactions._connections
    async with held(eyes.connection) as slow_one:
        reading = asyncio.create_task(read(slow_one.sql))
        await until_they_wait(eyes.connection, 1)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        assert connection.driver.is_closed()
        assert not one.transactions._connections._all
