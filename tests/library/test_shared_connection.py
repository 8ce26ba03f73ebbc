"""One connection for two ORMs: each trap that was measured, with its guard, and the damage when it is taken out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.exceptions import ConfigurationError, IntegrityError
from tortoise.transactions import in_transaction

from crossdock.config.settings import Settings
from crossdock.driver.lock import ConnectionLock
from crossdock.driver.savepoint import Savepoint
from crossdock.driver.tortoise_client import ALIAS, Driver, UnitClient
from crossdock.errors import ConnectionRevoked, ProgrammingError, TransactionAborted
from crossdock.ids import new_id
from crossdock.pools.checkout import Checkout
from crossdock.pools.tortoise import tortoise_config
from crossdock.registry import Registry
from crossdock.transaction import Database, Transaction
from crossdock.transaction.begin import Begin
from freight.modules.companies.store import CompanyReads, CompanyStore
from freight.tenancy import TENANCY
from tests.library.scene import PLATFORM, Eyes, Stop, company_row, opened, small, who, write_sqlalchemy, write_tortoise
from tests.waiting import held, until
from tests.world import Server

SPECIMENS_MODELS = "tests.library.specimens.specimen.models_tortoise"


async def lazy_begin(_begin: Begin, checkout: Checkout) -> None:
    """What BEGIN would be if SQLAlchemy sent it with its first statement: nothing, yet."""
    await checkout.driver.execute("SET ROLE crossdock_platform; SET default_transaction_read_only = off")


@pytest.fixture
async def one(settings: Settings, registry: Registry) -> AsyncIterator[Database]:
    """Pools of one connection each: the next unit gets the connection of the last."""
    async with opened(small(settings, 1), registry) as database:
        yield database


async def test_begin_is_sent_before_any_statement(one: Database, eyes: Eyes) -> None:
    """Tortoise's first write is inside of the transaction although SQLAlchemy has sent nothing yet."""
    subject = new_id()
    with pytest.raises(Stop):
        async with one.transaction(PLATFORM) as tx:
            await write_tortoise(tx, subject)
            raise Stop
    assert await eyes.written(subject) == set()


async def test_with_a_lazy_begin_the_first_write_survives_the_rollback(
    one: Database, eyes: Eyes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard, taken out: Tortoise's row commits by itself."""
    monkeypatch.setattr(Begin, "send", lazy_begin)
    subject = new_id()
    with pytest.raises(Stop):
        async with one.transaction(PLATFORM) as tx:
            await write_tortoise(tx, subject)
            raise Stop
    assert await eyes.written(subject) == {"tortoise"}


async def test_a_begin_without_effect_is_noticed(one: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody gets a connection that is not in a transaction, and the connection does not come back."""
    monkeypatch.setattr(Begin, "sql", lambda *_: "SELECT 1")
    with pytest.raises(ProgrammingError, match="no transaction is open"):
        async with one.transaction(PLATFORM):
            raise AssertionError("the block began")
    assert one.transactions.gate.statistics.in_use == 0


async def test_a_background_task_is_refused_after_the_end(one: Database, eyes: Eyes) -> None:
    """A forgotten task's model call says that its block is over, and does not write into the next one's transaction."""
    subject, over = new_id(), asyncio.Event()
    async with one.transaction(PLATFORM) as tx:
        task = asyncio.create_task(write_late(over, tx, subject))
    async with one.transaction(PLATFORM):
        over.set()
        with pytest.raises(ConnectionRevoked):
            await task
    assert await eyes.written(subject) == set()


async def test_without_revocation_it_writes_into_somebody_elses_transaction(
    one: Database, eyes: Eyes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard, taken out: the late row is committed by the next unit of work."""
    monkeypatch.setattr(ConnectionLock, "revoke", lambda _: None)
    subject, over = new_id(), asyncio.Event()
    async with one.transaction(PLATFORM) as tx:
        task = asyncio.create_task(write_late(over, tx, subject))
    async with one.transaction(PLATFORM):
        over.set()
        await task
    assert await eyes.written(subject) == {"tortoise"}


async def write_late(over: asyncio.Event, tx: Transaction, subject: UUID) -> None:
    store = tx.store(CompanyStore)
    await over.wait()
    await store.add(company_row(subject))


async def overtaken(one: Database, eyes: Eyes, late: Callable[[Transaction], Any]) -> Any:
    """What becomes of a statement that queues behind the end of its block, which itself queues behind another one."""
    async with held(eyes.connection) as slow_one:
        async with one.transaction(PLATFORM) as tx:
            lock, statement = tx._open().lock, late(tx)
            slow = asyncio.create_task(tx.sql.execute(text(slow_one.sql)))
            await until(lock.locked)

            async def behind_the_end() -> Any:
                await until(lambda: lock._waiters)
                return await statement()

            async def let_go() -> None:
                await until(lambda: len(lock._waiters or ()) == 2)
                await slow_one.let_go()

            task, letting = asyncio.create_task(behind_the_end()), asyncio.create_task(let_go())
        await asyncio.gather(slow, letting)
    return (await asyncio.gather(task, return_exceptions=True))[0]


def by_sqlalchemy(tx: Transaction) -> Callable[[], Any]:
    sql = tx.sql
    return lambda: sql.scalar(text("SELECT current_user"))


def by_tortoise(tx: Transaction) -> Callable[[], Any]:
    client = get_connection(ALIAS)
    return lambda: client.execute_query_dict("SELECT current_user")


@pytest.mark.parametrize("late", [by_sqlalchemy, by_tortoise])
async def test_a_statement_that_queued_behind_the_end_is_refused(one: Database, eyes: Eyes, late: Any) -> None:
    """It waited for its turn on the connection, and its turn comes when the connection is somebody else's."""
    assert isinstance(await overtaken(one, eyes, late), ConnectionRevoked)
    async with one.transaction(PLATFORM) as tx:  # and the connection is as good as before
        assert (await who(tx))[0] == "crossdock_platform"


async def test_without_revocation_it_runs_on_a_connection_that_was_given_back(
    one: Database, eyes: Eyes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard, taken out: SQLAlchemy's statement runs after the commit, in no transaction, as no company's tenant."""
    monkeypatch.setattr(ConnectionLock, "revoke", lambda _: None)
    assert await overtaken(one, eyes, by_sqlalchemy) == TENANCY.tenant_role


async def both_at_once(database: Database) -> None:
    """Statements of both ORMs in one `gather`."""
    async with database.transaction(PLATFORM) as tx:
        await asyncio.gather(
            *(tx.sql.execute(text("SELECT pg_sleep(0.002)")) for _ in range(5)),
            *(tx.store(CompanyStore).get(new_id()) for _ in range(5)),
        )


async def test_gather_over_both_orms_takes_turns(one: Database) -> None:
    """Both queue on one lock."""
    await both_at_once(one)


async def test_with_a_lock_for_each_orm_gather_fails(one: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard, taken out: the driver is asked for two things at once."""
    original = UnitClient.__init__

    def with_a_lock_of_its_own(client: UnitClient, driver: Driver, _lock: ConnectionLock) -> None:
        original(client, driver, ConnectionLock())

    monkeypatch.setattr(UnitClient, "__init__", with_a_lock_of_its_own)
    with pytest.raises(Exception, match="another operation is in progress"):
        await both_at_once(one)


async def refused_and_going_on(database: Database, subject: UUID) -> None:
    """A row that is refused inside of Tortoise's own block, and work that goes on after it."""
    async with database.transaction(PLATFORM) as tx:
        await write_tortoise(tx, subject)
        with pytest.raises(IntegrityError):
            async with in_transaction():
                await write_tortoise(tx, subject)
        await write_sqlalchemy(tx, subject)


async def test_tortoises_own_block_is_a_savepoint(one: Database, eyes: Eyes) -> None:
    """What fails inside is undone alone, and the transaction of both ORMs goes on."""
    subject = new_id()
    await refused_and_going_on(one, subject)
    assert await eyes.written(subject) == {"tortoise", "sqlalchemy"}


async def test_without_the_savepoint_the_transaction_is_lost(
    one: Database, eyes: Eyes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard, taken out: an error inside of Tortoise aborts everything."""

    async def nothing(_savepoint: Savepoint, _sql: str) -> None:
        """No SAVEPOINT, no ROLLBACK TO."""

    monkeypatch.setattr(Savepoint, "_send", nothing)
    subject = new_id()
    with pytest.raises(TransactionAborted):
        await refused_and_going_on(one, subject)
    assert await eyes.written(subject) == set()


async def write_by_another_alias(database: Database, subject: UUID) -> None:
    """What a module might do to get around the unit: name a connection."""
    row = company_row(subject)
    async with database.transaction(PLATFORM):
        async with in_transaction("direct") as client:
            await client.execute_query(
                "INSERT INTO companies (id, name, kind, version, created_at, updated_at)"
                " VALUES ($1, $2, $3, 1, $4, $4)",
                [row.id, row.name, row.kind, row.created_at],
            )
        raise Stop


async def test_there_is_one_alias(one: Database, eyes: Eyes) -> None:
    """Tortoise knows no other way to this database than the unit's connection."""
    with pytest.raises(ConfigurationError, match="alias 'direct'"):
        await write_by_another_alias(one, new_id())


async def test_with_a_second_alias_a_row_survives_the_rollback(
    server: Server, settings: Settings, registry: Registry, eyes: Eyes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard, taken out: the other alias has a connection, and so a transaction, of its own."""

    def with_a_second_alias(*arguments: Any) -> dict[str, Any]:
        config = tortoise_config(*arguments)
        credentials = server.superuser.with_database(settings.pooled.database).asyncpg()
        config["connections"]["direct"] = {"engine": "tortoise.backends.asyncpg", "credentials": credentials}
        return config

    monkeypatch.setattr("crossdock.pools.tortoise.tortoise_config", with_a_second_alias)
    subject = new_id()
    async with opened(small(settings, 1), registry) as database:
        with pytest.raises(Stop):
            await write_by_another_alias(database, subject)
        await database.tortoise.context.connections.get("direct").close()
    assert await eyes.written(subject) == {"tortoise"}


async def cancelled_at_every_step(use: Callable[[], Any]) -> None:
    """Begins, and is cancelled after no, one, two... turns of the loop: some of them hit the BEGIN."""
    for turns in range(30):
        task = asyncio.create_task(use())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_our_pools_survive_cancellation_during_begin(settings: Settings, registry: Registry) -> None:
    """Three connections, thirty cancelled units on each pool: all three are there for the next ones."""
    async with opened(small(settings, 3), registry) as database:

        async def write() -> None:
            async with database.transaction(PLATFORM) as tx:
                await tx.store(CompanyStore).get(new_id())

        async def read() -> None:
            async with database.reading(PLATFORM, CompanyReads) as companies:
                await companies.get(new_id())

        for use in (write, read):
            await cancelled_at_every_step(use)
            await asyncio.gather(use(), use(), use())
        assert [pool.gate.statistics.in_use for pool in database.pools] == [0, 0, 0, 0]


async def test_tortoises_own_pool_dies_of_it(settings: Settings) -> None:
    """The reason: `in_transaction` on Tortoise's own pool of three loses a slot each time that BEGIN is cancelled."""
    credentials = {**settings.pooled.asyncpg(), "minsize": 3, "maxsize": 3}
    config = {
        "connections": {ALIAS: {"engine": "tortoise.backends.asyncpg", "credentials": credentials}},
        "apps": {"legacy": {"models": [SPECIMENS_MODELS], "default_connection": ALIAS}},
    }
    async with TortoiseContext() as context:
        await context.init(config=config)
        client: Any = context.connections.get(ALIAS)
        await client.create_connection(with_db=True)

        async def use() -> None:
            async with in_transaction() as connection:
                await connection.execute_query("SELECT 1")

        await cancelled_at_every_step(use)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(use(), 0.2)
        client._pool.terminate()
