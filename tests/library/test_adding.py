"""A transaction that only adds rows is one statement; one that does more adds them before its next statement."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import select
from tortoise.connection import get_connection

from crossdock.config.settings import Settings
from crossdock.driver.tortoise_client import ALIAS
from crossdock.errors import Forbidden, OutcomeUnknown, TransactionAborted, Unauthenticated, WriteInReading
from crossdock.ids import new_id
from crossdock.registry import Orm, Registry
from crossdock.tenancy import Guard
from crossdock.transaction import Database
from crossdock.transaction.reading import Reading
from freight.modules.bookings.store import (
    BookingHistoryRow,
    BookingRow,
    BookingStatus,
    BookingStore,
    Dropoff,
    Equipment,
    Pickup,
)
from freight.money import Money
from freight.tenancy import CompanyScope
from tests.library.outbox import OUTBOX, OutboxEntry
from tests.library.scene import PLATFORM, SOMEBODY, Eyes, Happened, Stop, appended, new_tenant, opened, small

NO_SESSION = Guard("require_session", (new_id(), new_id(), new_id(), "admin", "both", datetime(2026, 1, 1, tzinfo=UTC)))


@pytest.fixture
async def one(settings: Settings, registry: Registry) -> AsyncIterator[Database]:
    """Pools of one connection each, and bookings on SQLAlchemy."""
    async with opened(small(settings, 1, min_size=1), registry.answered_by(BookingStore, Orm.SQLALCHEMY)) as database:
        yield database


@pytest.fixture
async def sent(one: Database) -> list[str]:
    """What is sent on the new pool's connection, from now on."""
    statements: list[str] = []
    async with Reading(one.environment, SOMEBODY, one.transactions) as unit:
        unit._open().driver.add_query_logger(lambda record: statements.append(record.query))  # type: ignore[attr-defined]
    statements.clear()
    return statements


def booking(company_id: UUID) -> tuple[BookingRow, BookingHistoryRow]:
    """A draft and its first history row."""
    now, booking_id = datetime.now(UTC), new_id()
    pickup = Pickup("Rotterdam", 51.9, 4.1, now + timedelta(days=1))
    dropoff = Dropoff("Duisburg", 51.4, 6.7, now + timedelta(days=2))
    row = BookingRow(
        booking_id, company_id, BookingStatus.DRAFT, pickup, dropoff, 1_000, Equipment.VAN, Money(100, "EUR"),
        carrier_id=None, awarded_bid_id=None, created_at=now, updated_at=now, version=1,
    )  # fmt: skip
    return row, BookingHistoryRow(new_id(), booking_id, company_id, None, BookingStatus.DRAFT, None, None, now)


async def test_rows_and_events_alone_are_one_statement(one: Database, sent: list[str], eyes: Eyes) -> None:
    """No BEGIN and no COMMIT: the booking, its history and its event are there together."""
    tenant = await new_tenant(one)
    for _ in range(2):  # the first time the driver asks about types
        row, history = booking(tenant.company_id)
        sent.clear()
        async with one.transaction(tenant) as tx:
            store = tx.store(BookingStore)
            await store.add(row)
            await store.add_history([history])
            tx.emit(Happened(subject_id=row.id))
    assert len(sent) == 1
    assert await eyes.value("SELECT company_id FROM bookings WHERE id = $1", row.id) == tenant.company_id
    assert await eyes.value("SELECT count(*) FROM booking_history WHERE booking_id = $1", row.id) == 1
    (event,) = await eyes.events(row.id)
    assert event["company_id"] == tenant.company_id


@pytest.mark.parametrize("way", ["store", "sqlalchemy", "tortoise", "first"])
async def test_what_is_added_is_there_for_the_next_statement(one: Database, way: str) -> None:
    """Whoever sends it."""
    tenant = await new_tenant(one)
    row, _ = booking(tenant.company_id)
    sql = f"SELECT count(*) FROM bookings WHERE id = '{row.id}'"
    async with one.transaction(tenant) as tx:
        store = tx.store(BookingStore)
        await store.add(row)
        match way:
            case "store":
                assert await store.get(row.id) == row
            case "sqlalchemy":
                assert (await tx.sql.exec_driver_sql(sql)).scalar() == 1
            case "tortoise":
                assert (await get_connection(ALIAS).execute_query(sql))[1][0][0] == 1
            case _:
                assert (await tx.first(sql, ()))[0] == 1


async def test_a_session_sees_what_was_added(one: Database, eyes: Eyes) -> None:
    """SQLAlchemy's own rows and the added ones are in one transaction."""
    subject, other = new_id(), new_id()
    async with one.transaction(PLATFORM) as tx:
        tx.add(OUTBOX, appended(subject))
        found = await tx.session.execute(select(OutboxEntry.subject_id).where(OutboxEntry.subject_id == subject))
        assert found.scalar() == subject
        tx.session.add(OutboxEntry(**appended(other)))
    assert await eyes.written(subject) == await eyes.written(other) == {"sqlalchemy"}


async def test_what_is_added_and_refused_writes_nothing(one: Database, eyes: Eyes) -> None:
    """Another company's event beside one's own, alone in its transaction: neither is there, the connection goes on."""
    tenant, other = await new_tenant(one), await new_tenant(one)
    mine, theirs = new_id(), new_id()
    (connection,) = one.transactions._connections
    with pytest.raises(Forbidden):
        async with one.transaction(tenant) as tx:
            tx.add(OUTBOX, appended(mine, tenant.company_id))
            tx.add(OUTBOX, appended(theirs, other.company_id))
    assert await eyes.written(mine) == await eyes.written(theirs) == set()
    assert list(one.transactions._connections) == [connection]
    assert not connection.driver.is_in_transaction()


async def test_a_history_row_of_anothers_booking_is_refused(one: Database, eyes: Eyes) -> None:
    """Also beside a booking of one's own: each row's own booking is looked at."""
    tenant, other = await new_tenant(one), await new_tenant(one)
    theirs, _ = booking(other.company_id)
    async with one.transaction(other) as tx:
        await tx.store(BookingStore).add(theirs)
    mine, history = booking(tenant.company_id)
    with pytest.raises(Forbidden):
        async with one.transaction(tenant) as tx:
            await tx.store(BookingStore).add(mine)
            await tx.store(BookingStore).add_history([history, replace(history, id=new_id(), booking_id=theirs.id)])
    assert await eyes.value("SELECT count(*) FROM bookings WHERE id = $1", mine.id) == 0


async def test_the_guard_is_asked_in_it(one: Database, eyes: Eyes) -> None:
    """Refused: nothing is written, the caller is told, and the connection goes on."""
    tenant = await new_tenant(one)
    subject = new_id()
    for _ in range(2):
        guarded = replace(tenant, guard=replace(NO_SESSION))
        with pytest.raises(Unauthenticated):
            async with one.transaction(guarded) as tx:
                tx.add(OUTBOX, appended(subject, tenant.company_id))
        assert guarded.guard is not None and not guarded.guard.passed
    assert await eyes.written(subject) == set()
    assert len(one.transactions._connections) == 1


async def test_the_guard_is_asked_where_nothing_was_sent(one: Database) -> None:
    """A transaction that did nothing still speaks for somebody."""
    tenant = await new_tenant(one)
    with pytest.raises(Unauthenticated):
        async with one.transaction(replace(tenant, guard=replace(NO_SESSION))):
            pass


async def test_a_backend_that_ends_meanwhile_leaves_the_outcome_open(one: Database, eyes: Eyes) -> None:
    """It waits for a rival's row of the same id when it ends: nobody can tell its client whether it is there."""
    tenant = await new_tenant(one)
    row = appended(new_id(), tenant.company_id)
    (connection,) = one.transactions._connections
    async with eyes.connection.transaction():
        await eyes.connection.execute(
            "INSERT INTO outbox (id, type, subject_id, payload, created_at) VALUES ($1, 'rival', $1, '{}', now())",
            row["id"],
        )
        ending = asyncio.create_task(end(one, tenant, row))
        while not await eyes.value("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = $1", pid_of(connection)):
            assert not ending.done()
        await eyes.value("SELECT pg_terminate_backend($1, 5000)", pid_of(connection))
        with pytest.raises(OutcomeUnknown):
            await ending
    subject = new_id()
    await end(one, tenant, appended(subject, tenant.company_id))
    assert await eyes.written(subject) == {"sqlalchemy"}


async def end(database: Database, tenant: CompanyScope, row: dict[str, Any]) -> None:
    async with database.transaction(tenant) as tx:
        tx.add(OUTBOX, row)


def pid_of(connection: Any) -> int:
    pid: int = connection.driver.get_server_pid()
    return pid


async def test_a_statement_that_comes_at_the_end_is_in_the_same_transaction(one: Database, eyes: Eyes) -> None:
    """A task that the block leaves behind has sent BEGIN just before: its statement is waited for, the rows follow."""
    tenant, subject, late = await new_tenant(one), new_id(), []

    async def send() -> None:
        late.append(
            (await get_connection(ALIAS).execute_query("SELECT current_setting('crossdock.company_id')"))[1][0][0]
        )

    async with one.transaction(tenant) as tx:
        tx.append(OUTBOX, [appended(subject, tenant.company_id)])
        task = asyncio.create_task(send())
        await asyncio.sleep(0)
    await task
    assert late == [str(tenant.company_id)]
    assert await eyes.written(subject) == {"sqlalchemy"}


async def test_an_error_that_is_swallowed_is_not_passed_over(one: Database, eyes: Eyes) -> None:
    """Added rows that the next statement could not write: the transaction is lost, and says so."""
    tenant, other = await new_tenant(one), await new_tenant(one)
    subject = new_id()
    with pytest.raises(TransactionAborted):
        async with one.transaction(tenant) as tx:
            tx.add(OUTBOX, appended(new_id(), other.company_id))
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await tx.first("SELECT 1", ())
            tx.add(OUTBOX, appended(subject, tenant.company_id))
    assert await eyes.written(subject) == set()
    async with one.transaction(tenant) as tx:
        assert (await tx.first("SELECT 1", ()))[0] == 1


async def test_what_is_added_in_a_savepoint_goes_with_it(one: Database, eyes: Eyes) -> None:
    """What was added before it stays, what is added inside is undone, though nothing was sent of either."""
    tenant = await new_tenant(one)
    before, inside = new_id(), new_id()
    async with one.transaction(tenant) as tx:
        tx.add(OUTBOX, appended(before, tenant.company_id))
        with pytest.raises(Stop):
            async with tx.savepoint():
                tx.add(OUTBOX, appended(inside, tenant.company_id))
                raise Stop
    assert await eyes.written(before) == {"sqlalchemy"}
    assert await eyes.written(inside) == set()


async def test_added_rows_are_the_tenants_own_beside_the_platforms(one: Database, eyes: Eyes) -> None:
    """Each is written with the rights of whoever added it, and rights go back and forth no more often than needed."""
    tenant = await new_tenant(one)
    rows = [new_id() for _ in range(3)]
    async with one.transaction(tenant, elevates=True) as tx:
        tx.add(OUTBOX, appended(rows[0], tenant.company_id))
        async with tx.as_platform("test"):
            tx.add(OUTBOX, appended(rows[1]))  # the tenant itself could not
        tx.add(OUTBOX, appended(rows[2], tenant.company_id))
        assert (await tx.first("SELECT current_user::text", ()))[0] == "crossdock_app"
    assert [await eyes.written(row) for row in rows] == [{"sqlalchemy"}] * 3


async def test_a_reading_adds_nothing(one: Database) -> None:
    """It would never be written: said at once."""
    with pytest.raises(WriteInReading):
        async with Reading(one.environment, PLATFORM, one.platform) as unit:
            unit.add(OUTBOX, appended(new_id()))
