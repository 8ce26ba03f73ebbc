"""One transaction over both ORMs: what commits, what is undone, and what says so."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from tortoise.exceptions import IntegrityError

from crossdock.config.settings import Settings
from crossdock.errors import Conflict, PoolExhausted, TransactionAborted
from crossdock.guards import NestedUnitOfWork
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.transaction import Database, Transaction
from crossdock.transaction.faults import violated_constraint
from freight.modules.companies.store import CompanyStore
from tests.library.scene import (
    PLATFORM,
    Eyes,
    Happened,
    Stop,
    company_row,
    in_a_hurry,
    new_tenant,
    opened,
    small,
    write_sqlalchemy,
    write_tortoise,
)

BOTH = {"tortoise", "sqlalchemy"}
ORDERS = pytest.mark.parametrize(
    "writes",
    [(write_tortoise, write_sqlalchemy), (write_sqlalchemy, write_tortoise)],
    ids=["tortoise first", "sqlalchemy first"],
)


@ORDERS
async def test_both_orms_commit_together(database: Database, eyes: Eyes, writes: Any) -> None:
    """What both ORMs wrote is there after the block, and not before its end."""
    subject = new_id()
    async with database.transaction(PLATFORM) as tx:
        for write in writes:
            await write(tx, subject)
        assert await eyes.written(subject) == set()
    assert await eyes.written(subject) == BOTH


@ORDERS
async def test_both_orms_roll_back_together(database: Database, eyes: Eyes, writes: Any) -> None:
    """An error in the block undoes what both ORMs wrote, whichever began."""
    subject = new_id()
    with pytest.raises(Stop):
        async with database.transaction(PLATFORM) as tx:
            for write in writes:
                await write(tx, subject)
            raise Stop
    assert await eyes.written(subject) == set()


async def test_one_orm_reads_what_the_other_wrote(database: Database) -> None:
    """Inside the block each ORM sees the other's rows before they are committed."""
    subject = new_id()
    async with database.transaction(PLATFORM) as tx:
        await write_tortoise(tx, subject)
        found = await tx.sql.scalar(text("SELECT count(*) FROM companies WHERE id = :id"), {"id": subject})
        assert found == 1


async def test_gather_over_both_orms_queues(database: Database, eyes: Eyes) -> None:
    """Both ORMs at once, in one transaction: they take turns."""
    subjects = [new_id() for _ in range(10)]
    async with database.transaction(PLATFORM) as tx:
        await asyncio.gather(
            *(write_tortoise(tx, subject) for subject in subjects),
            *(tx.sql.execute(text("SELECT 1")) for _ in subjects),
        )
    assert [await eyes.written(subject) for subject in subjects] == [{"tortoise"}] * 10


async def test_an_error_of_the_database_aborts_all(database: Database, eyes: Eyes) -> None:
    """A row that the database refuses takes the rest of the block with it, and its constraint can be read."""
    first, second = new_id(), new_id()
    with pytest.raises(IntegrityError) as caught:
        async with database.transaction(PLATFORM) as tx:
            await write_tortoise(tx, first)
            await write_sqlalchemy(tx, second)
            await write_tortoise(tx, first)
    assert violated_constraint(caught.value) == "companies_pkey"
    assert await eyes.written(first) == await eyes.written(second) == set()


@pytest.mark.allows(NestedUnitOfWork, "two clients at once")
async def test_a_swallowed_error_is_told_at_the_end(database: Database, eyes: Eyes) -> None:
    """A block that swallowed the database's error does not commit in silence: PostgreSQL had aborted it."""
    subject = new_id()
    with pytest.raises(TransactionAborted, match=r"tx\.savepoint"):
        async with database.transaction(PLATFORM) as tx:
            await write_sqlalchemy(tx, subject)
            tx.emit(Happened(subject_id=subject))
            with pytest.raises(IntegrityError):
                await tx.store(CompanyStore).add(company_row((await new_tenant(database)).company_id))
    assert await eyes.written(subject) == set()
    assert await eyes.events(subject) == []


async def test_a_statement_after_a_swallowed_error_is_refused(database: Database) -> None:
    """Whichever ORM goes on, and the commit itself, says that the transaction was aborted."""
    for write in (write_tortoise, write_sqlalchemy):
        with pytest.raises(TransactionAborted):
            async with database.transaction(PLATFORM) as tx:
                with pytest.raises(Exception, match="division by zero"):
                    await tx.sql.execute(text("SELECT 1 / 0"))
                await write(tx, new_id())


async def test_the_commit_of_sqlalchemy_does_nothing(database: Database, eyes: Eyes) -> None:
    """The block decides: a commit or rollback on SQLAlchemy's own objects neither keeps nor undoes anything."""
    subject = new_id()
    with pytest.raises(Stop):
        async with database.transaction(PLATFORM) as tx:
            await write_sqlalchemy(tx, subject)
            await write_tortoise(tx, subject)
            await tx.sql.commit()
            raise Stop
    assert await eyes.written(subject) == set()


async def test_it_runs_after_the_commit_in_order(database: Database, eyes: Eyes) -> None:
    """The rows are there for everybody when it runs, and the connection is back in its pool."""
    subject = new_id()
    seen: list[Any] = []

    async def look() -> None:
        seen.append((await eyes.written(subject), database.transactions.gate.statistics.in_use))

    async def again() -> None:
        seen.append("again")

    async with database.transaction(PLATFORM) as tx:
        tx.after_commit(look)
        tx.after_commit(again)
        await write_tortoise(tx, subject)
        assert seen == []
    assert seen == [({"tortoise"}, 0), "again"]


async def test_it_does_not_run_when_nothing_was_committed(database: Database) -> None:
    """Neither after an error in the block, nor after one of the commit, nor from a failed savepoint."""
    ran: list[str] = []

    async def run() -> None:
        ran.append("ran")

    with pytest.raises(Stop):
        async with database.transaction(PLATFORM) as tx:
            tx.after_commit(run)
            raise Stop
    with pytest.raises(TransactionAborted):
        async with database.transaction(PLATFORM) as tx:
            tx.after_commit(run)
            with pytest.raises(Exception, match="zero"):
                await tx.sql.execute(text("SELECT 1 / 0"))
    async with database.transaction(PLATFORM) as tx:
        with pytest.raises(Stop):
            async with tx.savepoint():
                tx.after_commit(run)
                raise Stop
    assert ran == []


async def test_its_failure_does_not_undo(database: Database, eyes: Eyes) -> None:
    """The change stands, and the next work runs, when the first one fails."""
    subject = new_id()
    ran: list[str] = []

    async def fail() -> None:
        raise Stop

    async def run() -> None:
        ran.append("ran")

    async with database.transaction(PLATFORM) as tx:
        tx.after_commit(fail)
        tx.after_commit(run)
        await write_tortoise(tx, subject)
    assert ran == ["ran"]
    assert await eyes.written(subject) == {"tortoise"}


@pytest.mark.allows(NestedUnitOfWork, "two clients at once")
async def test_errors_are_no_cause_of_their_own(settings: Settings, registry: Registry) -> None:
    """Walking up from an error that a unit raised comes to an end: `violated_constraint` does it."""

    def chain(error: BaseException | None) -> list[BaseException]:
        found: list[BaseException] = []
        while error is not None:
            assert all(error is not earlier for earlier in found)
            found.append(error)
            error = error.__cause__
        return found

    async def fail(tx: Transaction) -> None:
        tx.emit(Happened(subject_id=object()))  # type: ignore[arg-type]

    async with opened(small(settings, 1), registry) as database:
        await in_a_hurry(database, 0.05)
        with pytest.raises(TypeError) as before_commit:
            async with database.transaction(PLATFORM) as tx:
                await fail(tx)
        with pytest.raises(PoolExhausted) as at_begin:
            async with database.transaction(PLATFORM), database.transaction(PLATFORM):
                raise AssertionError("there is one connection")
        with pytest.raises(Conflict) as inside:
            async with database.transaction(PLATFORM):
                raise Conflict
    assert [len(chain(caught.value)) for caught in (before_commit, at_begin, inside)] == [1, 1, 1]
