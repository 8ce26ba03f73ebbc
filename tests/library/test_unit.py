"""A unit of work is used once, says when it is over, and mixes with no other."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text
from tortoise.transactions import in_transaction

from crossdock.config.settings import Settings
from crossdock.errors import OutsideUnitOfWork, ProgrammingError, WriteInReading
from crossdock.guards import NestedUnitOfWork
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.transaction import Database, Transaction
from crossdock.transaction.reading import Reading
from freight.modules.companies.store import CompanyReads, CompanyStore
from freight.modules.companies.store_tortoise import TortoiseCompanyStore
from freight.tenancy import CompanyScope
from tests.library import reads_and_writes
from tests.library.outbox import OUTBOX
from tests.library.scene import (
    PLATFORM,
    SOMEBODY,
    Eyes,
    Happened,
    Stop,
    company_row,
    new_tenant,
    opened,
    small,
    who,
    write_sqlalchemy,
    write_tortoise,
)
from tests.library.test_rows import GATE_ROWS

USES: tuple[Callable[[Transaction], Any], ...] = (
    lambda tx: tx.sql,
    lambda tx: tx.session,
    lambda tx: tx.emit(Happened(subject_id=new_id())),
    lambda tx: tx.after_commit(asyncio.Event().wait),  # type: ignore[arg-type]
)


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("open_session", [True, False])
async def test_use_after_the_end(database: Database, use: Callable[[Transaction], Any], open_session: bool) -> None:
    """Also when a session had been open."""
    async with database.transaction(PLATFORM) as tx:
        if open_session:
            assert tx.session
    with pytest.raises(ProgrammingError, match="is closed"):
        use(tx)


async def test_blocks_after_the_end(database: Database) -> None:
    """Neither a savepoint nor an elevation begins."""
    async with database.transaction(await new_tenant(database), elevates=True) as tx:
        pass
    for block in (tx.savepoint(), tx.as_platform("test")):
        with pytest.raises(ProgrammingError, match="is closed"):
            async with block:
                raise AssertionError("the block began")


async def test_kept_objects_after_the_end(database: Database) -> None:
    """SQLAlchemy's connection and session, and a Tortoise store, reach nothing any more."""
    async with database.transaction(PLATFORM) as tx:
        sql, session, store = tx.sql, tx.session, tx.store(CompanyStore)
    for late in (sql.execute(text("SELECT 1")), session.execute(text("SELECT 1")), store.get(new_id())):
        with pytest.raises(Exception, match=r"closed|outside") as caught:
            await late
        assert not isinstance(caught.value, AssertionError)


async def test_a_unit_is_used_once(database: Database, eyes: Eyes) -> None:
    """Neither twice in a row, which would write its events again, nor inside of itself."""
    subject = new_id()
    async with database.transaction(PLATFORM) as tx:
        tx.emit(Happened(subject_id=subject))
        with pytest.raises(ProgrammingError, match="open"):
            await tx.__aenter__()
    with pytest.raises(ProgrammingError, match="closed"):
        await tx.__aenter__()
    assert len(await eyes.events(subject)) == 1


async def test_a_unit_ends_where_it_began(database: Database, eyes: Eyes) -> None:
    """In the task that began it: ended by another one it does not commit, and its connection is not lost."""
    subject = new_id()
    tx = database.transaction(PLATFORM)
    await asyncio.create_task(tx.__aenter__())
    await write_sqlalchemy(tx, subject)
    with pytest.raises(ValueError, match="different Context"):
        await tx.__aexit__(None, None, None)
    assert await eyes.written(subject) == set()
    assert database.transactions.gate.statistics.in_use == 0


async def test_a_unit_says_what_it_is(database: Database) -> None:
    """Its state, pool and scope."""
    tx = database.transaction(PLATFORM)
    assert repr(tx) == "<Transaction new on platform as Platform(reason='test', actor_id=None)>"
    async with tx:
        assert repr(tx).startswith("<Transaction open")
    assert repr(tx).startswith("<Transaction closed")


async def test_a_model_outside_of_a_unit_is_refused(database: Database) -> None:
    """No tenant is set there, so nothing is read or written, and Tortoise's own transactions do not begin."""
    store = database.registry.store(CompanyStore)[1](None)
    for use in (store.get(new_id()), store.add(company_row())):
        with pytest.raises(OutsideUnitOfWork):
            await use
    with pytest.raises(OutsideUnitOfWork):
        in_transaction()


async def test_readings_do_not_write(database: Database, eyes: Eyes) -> None:
    """On neither pool, through neither ORM."""
    row = company_row()
    with pytest.raises(WriteInReading):
        async with database.reading(PLATFORM, CompanyReads):
            await TortoiseCompanyStore(SimpleNamespace()).add(row)  # type: ignore[arg-type]
    with pytest.raises(WriteInReading):
        async with Reading(database.environment, PLATFORM, database.platform) as unit:
            await unit.sql.execute(text("DELETE FROM outbox"))
    assert await eyes.written(row.id) == set()


async def test_what_mypy_refuses_is_refused_when_it_runs(database: Database, eyes: Eyes) -> None:
    """A reading has no command, locks nothing and adds nothing, whoever was not asked."""
    row = company_row()
    with pytest.raises(AttributeError, match="add"):
        await reads_and_writes.a_command_of_a_store(database, PLATFORM, row)
    for wrong in (
        reads_and_writes.a_lock(database, PLATFORM),
        reads_and_writes.a_row(database, PLATFORM, OUTBOX),
        reads_and_writes.rows(database, PLATFORM, OUTBOX),
        reads_and_writes.a_row_of_rows(database, PLATFORM, GATE_ROWS, row),
        reads_and_writes.a_whole_store(database, PLATFORM, row),
    ):
        with pytest.raises(WriteInReading):
            await wrong
    assert await eyes.written(row.id) == set()


async def test_a_reading_of_a_tortoise_module_has_no_sqlalchemy(database: Database) -> None:
    """It runs on Tortoise's pool, and says so."""
    async with Reading(database.environment, SOMEBODY, database.tortoise) as unit:
        with pytest.raises(ProgrammingError, match="pool 'tortoise'"):
            _ = unit.sql


@pytest.mark.allows(NestedUnitOfWork, "two clients at once")
async def test_units_nest_without_mixing(database: Database, eyes: Eyes) -> None:
    """A unit opened inside of another is one of its own, and afterwards the models are back with the outer one."""
    outer, inner = new_id(), new_id()
    with pytest.raises(Stop):
        async with database.transaction(PLATFORM) as tx:
            await write_tortoise(tx, outer)
            async with database.transaction(PLATFORM) as second:
                await write_tortoise(second, inner)
            async with database.reading(PLATFORM, CompanyReads) as companies:
                assert await companies.get(outer) is None
            assert await tx.store(CompanyStore).get(outer)
            raise Stop
    assert [await eyes.written(each) for each in (outer, inner)] == [set(), {"tortoise"}]


async def test_no_tenant_leaks_to_the_next(settings: Settings, registry: Registry) -> None:
    """On one connection, each unit has the role and the company of its own scope."""
    async with opened(small(settings, 1), registry) as database:
        tenants: list[CompanyScope] = [await new_tenant(database) for _ in range(2)]
        for tenant in tenants:
            async with database.transaction(tenant) as tx:
                assert await who(tx) == ("crossdock_app", str(tenant.company_id))
            async with database.transaction(PLATFORM) as tx:
                assert await who(tx) in {("crossdock_platform", None), ("crossdock_platform", "")}
