"""What a unit of work has not sent yet: which statements PostgreSQL is sent, in which order, and what is never sent.

Each test looks at the statements of the unit's connection. What they do to rows and rights is told by test_adding.py,
test_adding_faults.py, test_elevation.py and test_savepoint.py.
"""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

import asyncpg
import pytest
from sqlalchemy import text
from tortoise.connection import get_connection

from crossdock.config.settings import Settings
from crossdock.driver.lock import ConnectionLock
from crossdock.driver.tortoise_client import ALIAS
from crossdock.errors import ConnectionRevoked, CrossdockError
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.transaction import Database, Unit
from crossdock.transaction.reading import Reading
from freight.tenancy import CompanyScope
from tests.library.outbox import OUTBOX
from tests.library.scene import (
    PLATFORM,
    SAVEPOINTS,
    SOMEBODY,
    Eyes,
    Happened,
    Stop,
    appended,
    new_tenant,
    opened,
    small,
)
from tests.library.test_adding import NO_SESSION
from tests.waiting import Held, held, until

KINDS = {
    "BEGIN": "begin",
    "WITH added_": "insert",
    "WITH tenant": "insert alone",
    "SET LOCAL ROLE crossdock_platform": "platform",
    "SET LOCAL ROLE crossdock_app": "tenant",
    "SAVEPOINT": "savepoint",
    "RELEASE": "release",
    "ROLLBACK TO": "undo",
    "ROLLBACK": "rollback",
    "RESET ALL": "commit",
    "COMMIT": "commit",
    "SELECT": "look",
}
"""What a statement is, by its first words."""


@pytest.fixture
async def one(settings: Settings, registry: Registry) -> AsyncIterator[Database]:
    """Pools of one connection each: a test sees all that is sent."""
    async with opened(small(settings, 1, min_size=1), registry) as database:
        yield database


class Sent(list[str]):
    """The kinds of the statements that a connection was sent."""

    def add(self, sql: str) -> None:
        if "typeinfo" in sql or "'jit'" in sql:
            return  # the driver asks for the types of columns that are new to it
        self.append(next((kind for words, kind in KINDS.items() if sql.startswith(words)), sql))


async def watched(database: Database, *, elevates: bool = False) -> Sent:
    """What is sent from now on, on the connection of the next transaction."""
    pool, sent = database.platform if elevates else database.transactions, Sent()
    async with Reading(database.environment, SOMEBODY, pool) as unit:
        unit._open().driver.add_query_logger(lambda record: sent.add(record.query))  # type: ignore[attr-defined]
    return sent


@pytest.fixture
async def tenant(one: Database) -> CompanyScope:
    return await new_tenant(one)


async def all_of(sent: Sent) -> Sent:
    """The driver calls its loggers at the next turn of the loop."""
    await asyncio.sleep(0)
    return sent


async def look(unit: Unit) -> None:
    await unit.first("SELECT 1", ())


async def test_begin_waits_for_the_first_statement(one: Database, tenant: CompanyScope) -> None:
    """Of either ORM, or of the driver; it is sent once."""
    sent = await watched(one)
    async with one.transaction(tenant) as tx:
        assert await all_of(sent) == []
        await get_connection(ALIAS).execute_query("SELECT 1")
        assert await all_of(sent) == ["begin", "look"]
        await look(tx)
    assert await all_of(sent) == ["begin", "look", "look", "commit"]
    (await all_of(sent)).clear()
    async with one.transaction(tenant) as tx:
        await tx.sql.execute(text("SELECT 1"))  # SQLAlchemy prepares it, which is not told to loggers
        assert await all_of(sent) == ["begin"]


async def test_a_transaction_without_a_statement_is_begun_all_the_same(one: Database, tenant: CompanyScope) -> None:
    """BEGIN asks the guard whether the caller may still act. A reading that reads nothing asks nothing."""
    sent = await watched(one)
    async with one.transaction(tenant):
        pass
    assert await all_of(sent) == ["begin", "commit"]
    async with Reading(one.environment, tenant, one.transactions):
        pass
    assert await all_of(sent) == ["begin", "commit"]


async def test_the_platform_begins_at_once(one: Database) -> None:
    """It has nothing that waits."""
    sent = await watched(one, elevates=True)
    async with one.transaction(PLATFORM):
        assert await all_of(sent) == ["begin"]


async def test_added_rows_are_sent_before_the_next_statement(one: Database, tenant: CompanyScope) -> None:
    """In one statement, with those that were appended before. What is appended after that waits for the end."""
    sent = await watched(one)
    async with one.transaction(tenant) as tx:
        tx.append(OUTBOX, [appended(new_id(), tenant.company_id)])
        await look(tx)
        assert await all_of(sent) == ["begin", "look"]
        (await all_of(sent)).clear()
        tx.add(OUTBOX, appended(new_id(), tenant.company_id))
        await look(tx)
        tx.append(OUTBOX, [appended(new_id(), tenant.company_id)])
        await look(tx)
        assert await all_of(sent) == ["insert", "look", "look"]
    assert await all_of(sent) == ["insert", "look", "look", "insert", "commit"]


async def test_added_rows_alone_are_the_only_statement(one: Database, tenant: CompanyScope) -> None:
    """With the events: neither BEGIN nor COMMIT. One statement before them, and all is as usual."""
    sent = await watched(one)
    async with one.transaction(tenant) as tx:
        tx.add(OUTBOX, appended(new_id(), tenant.company_id))
        tx.emit(Happened(subject_id=new_id()))
    assert await all_of(sent) == ["insert alone"]


async def test_an_elevation_that_sends_nothing_costs_nothing(one: Database, tenant: CompanyScope) -> None:
    """The role is changed with the first statement of the block, and a change that no statement followed is taken
    back."""
    sent = await watched(one, elevates=True)
    async with one.transaction(tenant, elevates=True) as tx:
        await look(tx)
        (await all_of(sent)).clear()
        async with tx.as_platform("test"):
            pass
        await look(tx)
        assert await all_of(sent) == ["look"]
        async with tx.as_platform("test"):
            await look(tx)
        async with tx.as_platform("again"):  # the role has not been given back yet, and need not be
            await look(tx)
        assert await all_of(sent) == ["look", "platform", "look", "look"]
        await look(tx)
    assert await all_of(sent) == ["look", "platform", "look", "look", "tenant", "look", "commit"]


async def test_rows_and_roles_keep_their_order(one: Database, tenant: CompanyScope, eyes: Eyes) -> None:
    """The tenant's rows, the platform's rows and events, the tenant's again: each under the role it was added under."""
    sent = await watched(one, elevates=True)
    subjects = [new_id() for _ in range(3)]
    async with one.transaction(tenant, elevates=True) as tx:
        tx.append(OUTBOX, [appended(subjects[0], tenant.company_id)])
        tx.emit(Happened(subject_id=subjects[0]))
        async with tx.as_platform("test"):
            tx.append(OUTBOX, [appended(subjects[1])])  # of no company: the platform alone may write it
            tx.emit(Happened(subject_id=subjects[1]))
        tx.append(OUTBOX, [appended(subjects[2], tenant.company_id)])
        assert await all_of(sent) == []
    assert await all_of(sent) == ["begin", "insert", "platform", "insert", "tenant", "insert", "commit"]
    assert [await eyes.written(each) for each in subjects] == [{"sqlalchemy"}] * 3
    assert [len(await eyes.events(each)) for each in subjects] == [1, 1, 0]


async def test_the_last_change_of_role_is_not_sent(one: Database, tenant: CompanyScope) -> None:
    """The transaction ends with the platform's role: COMMIT ends that too."""
    sent = await watched(one, elevates=True)
    async with one.transaction(tenant, elevates=True) as tx, tx.as_platform("test"):
        await look(tx)
    assert await all_of(sent) == ["begin", "platform", "look", "commit"]


@pytest.mark.parametrize("block", SAVEPOINTS)
async def test_what_is_pending_in_a_savepoint_is_sent_inside_or_never(
    one: Database, tenant: CompanyScope, eyes: Eyes, block: str
) -> None:
    """What was pending before it is sent before it. A savepoint that fails discards what is pending inside, and the
    role that PostgreSQL went back to is replaced by the one that the unit has."""
    before, inside = new_id(), new_id()
    async with one.transaction(tenant, elevates=True) as tx:
        if block == "SQLAlchemy's":
            await tx.session.execute(text("SELECT 1"))
        sent = Sent()
        tx._open().driver.add_query_logger(lambda record: sent.add(record.query))  # type: ignore[attr-defined]
        tx.append(OUTBOX, [appended(before, tenant.company_id)])
        with pytest.raises(Stop):
            async with SAVEPOINTS[block](tx), tx.as_platform("test"):
                tx.append(OUTBOX, [appended(inside)])
                raise Stop
        assert [each for each in await all_of(sent) if each != "begin"][-3:] == ["insert", "savepoint", "undo"]
        (await all_of(sent)).clear()
        await look(tx)
        assert await all_of(sent) == ["tenant", "look"]
    assert await eyes.written(before) == {"sqlalchemy"}
    assert await eyes.written(inside) == set()


async def test_a_flush_that_is_cancelled_keeps_nothing_by_halves(
    one: Database, tenant: CompanyScope, eyes: Eyes
) -> None:
    """At every step of BEGIN, a change of role and the rows: all of it is there, or none of it and an error."""
    kept = 0
    for steps in range(60):
        subjects, failed = [new_id(), new_id()], False
        try:
            async with one.transaction(tenant, elevates=True) as tx:
                tx.append(OUTBOX, [appended(subjects[0], tenant.company_id)])
                async with tx.as_platform("test"):
                    tx.add(OUTBOX, appended(subjects[1]))
                    task = asyncio.create_task(look(tx))
                    for _ in range(steps):
                        await asyncio.sleep(0)
                    task.cancel()
                    await asyncio.gather(task, return_exceptions=True)
                with suppress(Exception):
                    await look(tx)
        except CrossdockError:
            failed = True
        found = [await eyes.written(each) for each in subjects]
        assert found == ([set(), set()] if failed else [{"sqlalchemy"}] * 2)
        kept += not failed
    assert 0 < kept < 60


async def test_a_statement_that_queued_behind_the_end_sends_nothing_of_it(
    one: Database, tenant: CompanyScope, eyes: Eyes
) -> None:
    """It is refused when its turn comes; the end has sent what was pending by then, once."""
    subject = new_id()

    async def behind_the_end(lock: ConnectionLock) -> None:
        client = get_connection(ALIAS)
        await until(lambda: lock._waiters)
        with pytest.raises(ConnectionRevoked):
            await client.execute_query("SELECT 1")

    async def let_go(slow_one: Held, lock: ConnectionLock) -> None:
        await until(lambda: len(lock._waiters or ()) == 2)
        await slow_one.let_go()

    async with held(eyes.connection) as slow_one:
        async with one.transaction(tenant) as tx:
            lock = tx._open().lock
            slow = asyncio.create_task(tx.first(slow_one.sql, ()))
            await until(lock.locked)
            tx.append(OUTBOX, [appended(subject, tenant.company_id)])
            tasks = [slow, *map(asyncio.create_task, (behind_the_end(lock), let_go(slow_one, lock)))]
        await asyncio.gather(*tasks)
    assert await eyes.written(subject) == {"sqlalchemy"}


async def test_nothing_holds_a_unit_that_is_over(one: Database, tenant: CompanyScope) -> None:
    """What is pending names the connection, and the connection's lock what is pending: a circle, which the end cuts."""
    gc.collect()
    gc.disable()
    try:
        async with one.transaction(tenant, elevates=True) as tx:
            tx.append(OUTBOX, [appended(new_id(), tenant.company_id)])
            async with tx.as_platform("test"):
                pass
            lock = weakref.ref(tx._open().lock)
        del tx
        assert lock() is None
    finally:
        gc.enable()


async def test_a_begin_that_was_refused_is_no_beginning(one: Database, tenant: CompanyScope) -> None:
    """Its error is swallowed, and rows are added after it: they are not sent as the one statement of a transaction
    that PostgreSQL has seen nothing of."""
    sent = await watched(one)
    with pytest.raises(CrossdockError):
        async with one.transaction(replace(tenant, guard=replace(NO_SESSION))) as tx:
            with pytest.raises(asyncpg.PostgresError):
                await look(tx)
            tx.append(OUTBOX, [appended(new_id(), tenant.company_id)])
    assert await all_of(sent) == ["begin", "begin", "rollback"]
