"""What fails inside of a savepoint is undone alone: ours, Tortoise's, and one in the other."""

import asyncio
from contextlib import suppress
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from crossdock.errors import TransactionAborted, WriteInReading
from crossdock.ids import new_id
from crossdock.transaction import Database, Transaction
from crossdock.transaction.reading import Reading
from tests.library.outbox import OUTBOX, OutboxEntry
from tests.library.scene import (
    PLATFORM,
    SAVEPOINTS,
    Eyes,
    Happened,
    Stop,
    appended,
    new_tenant,
    outbox_row,
    who,
    write_sqlalchemy,
    write_tortoise,
)
from tests.waiting import Held, held, until


async def test_a_savepoint_is_undone_alone(database: Database, eyes: Eyes) -> None:
    """The rows of both ORMs inside go, those before and after stay."""
    before, inside, after = new_id(), new_id(), new_id()
    async with database.transaction(PLATFORM) as tx:
        await write_tortoise(tx, before)
        with pytest.raises(Stop):
            async with tx.savepoint():
                await write_sqlalchemy(tx, inside)
                await write_tortoise(tx, inside)
                raise Stop
        await write_tortoise(tx, after)
    assert [await eyes.written(each) for each in (before, inside, after)] == [{"tortoise"}, set(), {"tortoise"}]


async def test_a_refused_row_inside_leaves_the_rest(database: Database, eyes: Eyes) -> None:
    """The database's own error inside is undone too, and the transaction goes on."""
    subject = new_id()
    async with database.transaction(PLATFORM) as tx:
        await write_tortoise(tx, subject)
        with pytest.raises(IntegrityError):
            async with tx.savepoint():
                await write_tortoise(tx, subject)
        await write_sqlalchemy(tx, subject)
    assert await eyes.written(subject) == {"tortoise", "sqlalchemy"}


async def test_savepoints_nest(database: Database, eyes: Eyes) -> None:
    """Ours in ours: the outer one takes the inner one's rows with it, though that one had been kept."""
    outer, inner, kept = new_id(), new_id(), new_id()
    async with database.transaction(PLATFORM) as tx:
        with pytest.raises(Stop):
            async with tx.savepoint():
                await write_tortoise(tx, outer)
                async with tx.savepoint():
                    await write_tortoise(tx, inner)
                raise Stop
        async with tx.savepoint():
            await write_tortoise(tx, kept)
            with pytest.raises(Stop):
                async with tx.savepoint():
                    raise Stop
    assert [bool(await eyes.written(each)) for each in (outer, inner, kept)] == [False, False, True]


async def test_tortoises_own_blocks_nest_in_ours_and_around(database: Database, eyes: Eyes) -> None:
    """`in_transaction` is a savepoint here: in ours, around ours, and in itself."""
    undone, kept = [new_id() for _ in range(3)], new_id()
    async with database.transaction(PLATFORM) as tx, tx.savepoint(), in_transaction():
        await write_tortoise(tx, kept)
        with pytest.raises(Stop):
            async with in_transaction():
                await write_tortoise(tx, undone[0])
                async with tx.savepoint():
                    await write_tortoise(tx, undone[1])
                    async with in_transaction():
                        await write_tortoise(tx, undone[2])
                raise Stop
    assert await eyes.written(kept) == {"tortoise"}
    assert [await eyes.written(each) for each in undone] == [set()] * 3


async def test_blocks_side_by_side_keep_no_half(database: Database, eyes: Eyes) -> None:
    """Savepoints of one connection are a stack: where two tasks' blocks cross, all fails, and nothing is half kept."""
    subject, other = new_id(), new_id()
    second_is_open, first_has_failed = asyncio.Event(), asyncio.Event()

    async def first(tx: Transaction) -> None:
        async with in_transaction():
            await write_tortoise(tx, subject)
            await second_is_open.wait()
            raise Stop

    async def second(tx: Transaction) -> None:
        async with in_transaction():
            second_is_open.set()
            await first_has_failed.wait()
            await write_tortoise(tx, other)

    with pytest.raises(Exception, match=r"savepoint .* does not exist"):
        async with database.transaction(PLATFORM) as tx:
            task = asyncio.create_task(second(tx))
            with pytest.raises(Stop):
                await first(tx)
            first_has_failed.set()
            await task
    assert await eyes.written(subject) == await eyes.written(other) == set()


async def test_what_the_session_holds_outlives_a_failed_savepoint(database: Database, eyes: Eyes) -> None:
    """Objects added or changed before are written, those added inside are not, whatever was flushed when."""
    subject, inside = new_id(), new_id()
    async with database.transaction(PLATFORM) as tx:
        loaded = outbox_row(subject)
        tx.session.add(loaded)
        await tx.session.flush()
        added = outbox_row(subject)
        tx.session.add(added)
        with pytest.raises(Stop):
            async with tx.savepoint():
                tx.session.add(outbox_row(inside))
                raise Stop
        loaded.payload = {"changed": "after"}
    rows = await eyes.connection.fetch("SELECT payload FROM outbox WHERE subject_id = $1 ORDER BY id", subject)
    assert [row["payload"] for row in rows] == ['{"changed": "after"}', "{}"]
    assert await eyes.written(inside) == set()


async def test_what_tortoise_alone_writes_inside_is_undone_beside_a_session(database: Database, eyes: Eyes) -> None:
    """SQLAlchemy sends its SAVEPOINT with its own first statement, and here it has none: the block must not wait."""
    before, inside = new_id(), new_id()
    async with database.transaction(PLATFORM) as tx:
        await write_sqlalchemy(tx, before)
        with pytest.raises(Stop):
            async with tx.savepoint():
                await write_tortoise(tx, inside)
                raise Stop
    assert await eyes.written(before) == {"sqlalchemy"}
    assert await eyes.written(inside) == set()


async def test_a_session_opened_inside_keeps_nothing_of_a_failure(database: Database, eyes: Eyes) -> None:
    """A session that a failed savepoint opened does not write its objects later."""
    inside, after = new_id(), new_id()
    async with database.transaction(PLATFORM) as tx:
        with pytest.raises(Stop):
            async with tx.savepoint():
                tx.session.add(outbox_row(inside))
                raise Stop
        tx.session.add(outbox_row(after))
        found = (await tx.session.execute(select(OutboxEntry).where(OutboxEntry.subject_id == after))).scalar_one()
        assert found.subject_id == after
    assert await eyes.written(inside) == set()
    assert await eyes.written(after) == {"sqlalchemy"}


async def test_a_savepoint_of_a_tenant_keeps_the_tenant(database: Database) -> None:
    """Role and company are the same after a savepoint that failed."""
    tenant = await new_tenant(database)
    async with database.transaction(tenant) as tx:
        with pytest.raises(Stop):
            async with tx.savepoint():
                raise Stop
        assert await who(tx) == ("crossdock_app", str(tenant.company_id))


@pytest.mark.parametrize("with_session", [False, True])
async def test_an_appended_row_that_is_refused_costs_its_savepoint(
    database: Database, eyes: Eyes, *, with_session: bool
) -> None:
    """It is written before its savepoint ends, also where SQLAlchemy's session holds that; what was before it stays."""
    before, refused, after = new_id(), new_id(), new_id()
    async with database.transaction(PLATFORM) as tx:
        if with_session:
            await write_sqlalchemy(tx, before)
        tx.append(OUTBOX, [appended(before)])
        with pytest.raises(Exception, match="value too long"):
            async with tx.savepoint():
                tx.append(OUTBOX, [appended(refused) | {"type": "x" * 101}])
        tx.append(OUTBOX, [appended(after)])
    assert [await eyes.written(each) for each in (before, refused, after)] == [{"sqlalchemy"}, set(), {"sqlalchemy"}]


async def test_a_reading_appends_nothing(database: Database) -> None:
    """It would never be written: said at once."""
    with pytest.raises(WriteInReading):
        async with Reading(database.environment, PLATFORM, database.platform) as unit:
            unit.append(OUTBOX, [appended(new_id())])


@pytest.mark.parametrize("act", ["sql.commit", "sql.rollback", "session.commit", "session.rollback"])
async def test_what_the_session_ends_inside_is_undone_all_the_same(database: Database, eyes: Eyes, act: str) -> None:
    """The block decides, not SQLAlchemy: neither its commit nor its rollback ends the savepoint."""
    inside, after = new_id(), new_id()
    async with database.transaction(PLATFORM) as tx:
        await tx.session.execute(select(1))
        with pytest.raises(Stop):
            async with tx.savepoint():
                await write_tortoise(tx, inside)
                of, what = act.split(".")
                await getattr(getattr(tx, of), what)()
                raise Stop
        await write_tortoise(tx, after)
    assert await eyes.written(inside) == set()
    assert await eyes.written(after) == {"tortoise"}


@pytest.mark.parametrize("opened_before", [True, False])
async def test_a_flush_that_fails_inside_leaves_the_session_usable(
    database: Database, eyes: Eyes, *, opened_before: bool
) -> None:
    """Swallowed inside, what comes after it is undone with the block; after the block the session goes on."""
    inside, after = new_id(), new_id()
    async with database.transaction(PLATFORM) as tx:
        if opened_before:
            await tx.session.execute(select(1))
        with pytest.raises(Exception):
            async with tx.savepoint():
                tx.session.add(outbox_row(inside))
                wrong = outbox_row(inside)
                wrong.type = "x" * 101
                tx.session.add(wrong)
                with pytest.raises(DBAPIError):
                    await tx.session.flush()
                await write_tortoise(tx, inside)
                raise Stop
        await write_sqlalchemy(tx, after)
    assert await eyes.written(inside) == set()
    assert await eyes.written(after) == {"sqlalchemy"}


async def let_go_once_cancelled(task: asyncio.Task[None] | None, slow_one: Held) -> None:
    await until(lambda: task is not None and task.cancelling())
    await slow_one.let_go()


@pytest.mark.parametrize("block", ["ours", "SQLAlchemy's"])
async def test_the_way_back_cannot_be_interrupted(database: Database, eyes: Eyes, block: str) -> None:
    """It waits for another task's statement when the time limit strikes: undone all the same, its events too."""
    inside = new_id()
    async with database.transaction(PLATFORM) as tx:
        await tx.session.execute(select(1))
        async with held(eyes.connection) as slow_one:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(None) as limit, SAVEPOINTS[block](tx):
                    await write_tortoise(tx, inside)
                    if block == "ours":
                        tx.emit(Happened(subject_id=inside))
                    slow = asyncio.create_task(tx.first(slow_one.sql, ()))
                    await until(tx._open().lock.locked)
                    letting = asyncio.create_task(let_go_once_cancelled(asyncio.current_task(), slow_one))
                    limit.reschedule(0)
                    raise Stop
            await asyncio.gather(slow, letting)
    assert await eyes.written(inside) == set()
    assert await eyes.events(inside) == []


async def test_an_interrupted_end_says_that_it_was_interrupted(database: Database, eyes: Eyes) -> None:
    """SQLAlchemy's RELEASE, cancelled at any step: not told as the session's error, which somebody might catch."""
    ended = []
    for steps in range(30):
        subject = new_id()
        reached = asyncio.Event()

        async def block(tx: Transaction, subject: UUID = subject, reached: asyncio.Event = reached) -> None:
            async with tx.session.begin_nested():
                await write_sqlalchemy(tx, subject)
                reached.set()

        with suppress(TransactionAborted):
            async with database.transaction(PLATFORM) as tx:
                task = asyncio.create_task(block(tx))
                await reached.wait()
                for _ in range(steps):
                    await asyncio.sleep(0)
                task.cancel()
                ended += await asyncio.gather(task, return_exceptions=True)
        assert bool(await eyes.written(subject)) <= (ended[-1] is None)
    assert {type(each) for each in ended} == {asyncio.CancelledError, type(None)}


@pytest.mark.parametrize("block", SAVEPOINTS)
async def test_what_comes_while_a_savepoint_waits_is_not_its_own(database: Database, eyes: Eyes, block: str) -> None:
    """Another task's row and event, before SAVEPOINT was sent: they stay when the block fails."""
    subject = new_id()

    async def fail(tx: Transaction) -> None:
        async with SAVEPOINTS[block](tx):
            raise Stop

    async with database.transaction(PLATFORM) as tx:
        await tx.session.execute(select(1))
        lock = tx._open().lock
        async with held(eyes.connection) as slow_one:
            slow = asyncio.create_task(tx.first(slow_one.sql, ()))
            await until(lock.locked)
            failing = asyncio.create_task(fail(tx))
            await until(lambda: lock._waiters)
            tx.append(OUTBOX, [appended(subject)])
            tx.emit(Happened(subject_id=subject))
            await slow_one.let_go()
            with pytest.raises(Stop):
                await failing
            await slow
    assert await eyes.written(subject) == {"sqlalchemy"}
    assert len(await eyes.events(subject)) == 1
