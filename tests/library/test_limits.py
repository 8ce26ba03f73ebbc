"""What a unit of work may take of the database: locks, statements and pauses end in time, and say which it was."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from sqlalchemy import text
from tortoise.connection import get_connection

from crossdock.config.settings import Settings
from crossdock.driver.tortoise_client import ALIAS
from crossdock.errors import Busy, DatabaseUnavailable, OutcomeUnknown, StatementTooSlow
from crossdock.guards import NestedUnitOfWork
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.transaction import Database, Transaction
from tests.library.scene import PLATFORM, Eyes, new_tenant, opened, small, write_tortoise
from tests.world import PATIENT

RENAME = "UPDATE companies SET name = 'renamed' WHERE id = '{}'"


@pytest.fixture
async def limited(settings: Settings, registry: Registry) -> AsyncIterator[Database]:
    """With a short limit on waiting for locks, which holds up nobody where nothing is locked."""
    limits = PATIENT.model_copy(update={"lock_timeout_ms": 150})
    async with opened(small(settings, 2, limits=limits), registry) as database:
        yield database


@pytest.fixture
async def hurried(settings: Settings, registry: Registry) -> AsyncIterator[Database]:
    """With a second for each statement and each pause between two."""
    limits = PATIENT.model_copy(update={"statement_timeout_ms": 1000, "idle_in_transaction_timeout_ms": 1000})
    async with opened(small(settings, 2, limits=limits), registry) as database:
        yield database


async def rename(tx: Transaction, subject: UUID) -> None:
    await tx.sql.execute(text(RENAME.format(subject)))


@pytest.mark.allows(NestedUnitOfWork, "two clients at once")
async def test_a_lock_that_is_held_too_long(limited: Database) -> None:
    """Whoever waits for it, through either ORM, gets Busy, and the holder is not disturbed."""
    subject = (await new_tenant(limited)).company_id
    async with limited.transaction(PLATFORM) as holder:
        await rename(holder, subject)
        with pytest.raises(Busy):
            async with limited.transaction(PLATFORM) as tx:
                await rename(tx, subject)
        with pytest.raises(Busy):
            async with limited.transaction(PLATFORM):
                await get_connection(ALIAS).execute_query(RENAME.format(subject))


async def test_a_deadlock(database: Database, eyes: Eyes) -> None:
    """One of the two gets Busy and has written nothing, the other commits."""
    first, second = [(await new_tenant(database)).company_id for _ in range(2)]
    both_hold_one = asyncio.Barrier(2)

    async def lock_in_order(*subjects: UUID) -> None:
        async with database.transaction(PLATFORM) as tx:
            await rename(tx, subjects[0])
            await both_hold_one.wait()
            await rename(tx, subjects[1])

    results = await asyncio.gather(lock_in_order(first, second), lock_in_order(second, first), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Busy", "NoneType"]
    assert (
        await eyes.value("SELECT count(*) FROM companies WHERE id = ANY($1) AND name = 'renamed'", [first, second]) == 2
    )


@pytest.mark.parametrize("orm", ["tortoise", "sqlalchemy"])
async def test_a_statement_that_takes_too_long(hurried: Database, eyes: Eyes, orm: str) -> None:
    """It is ended by the server, which nobody else's lock is the cause of, and nothing is written."""
    subject = new_id()
    with pytest.raises(StatementTooSlow):
        async with hurried.transaction(PLATFORM) as tx:
            await write_tortoise(tx, subject)
            sleep = "SELECT pg_sleep(9)"
            await (tx.sql.execute(text(sleep)) if orm == "sqlalchemy" else get_connection(ALIAS).execute_query(sleep))
    assert await eyes.written(subject) == set()


async def test_a_pause_inside_of_a_transaction(hurried: Database, eyes: Eyes) -> None:
    """Who does nothing with locks in hand loses the connection, and is told so."""
    subject = new_id()
    with pytest.raises((DatabaseUnavailable, OutcomeUnknown)):
        async with hurried.transaction(PLATFORM) as tx:
            await write_tortoise(tx, subject)
            await asyncio.sleep(1.2)
    assert await eyes.written(subject) == set()
    assert (await new_tenant(hurried)).company_id


async def test_limits_last_as_long_as_the_session(limited: Database, settings: Settings, registry: Registry) -> None:
    """Set once where a connection keeps its session; elsewhere for the transaction, after which it has the server's."""
    without = limited.settings.model_copy(update={"keep_sessions": False})
    async with opened(without, registry) as passing:
        for database, expected in ((limited, "150ms"), (passing, "0")):
            async with database.transaction(PLATFORM) as tx:
                assert await tx.sql.scalar(text("SHOW lock_timeout")) == "150ms"
            async with database.transactions.checkout() as checkout:
                assert [row[0] for row in await checkout.driver.fetch("SHOW lock_timeout")] == [expected]
