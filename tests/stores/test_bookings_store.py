"""The contract of the bookings store, over every implementation, on a real PostgreSQL."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from crossdock.kernel.documents import Page, decode_cursor
from crossdock.kernel.errors import Forbidden
from crossdock.kernel.ids import new_id
from crossdock.kernel.money import Money
from crossdock.kernel.registry import Registry
from crossdock.kernel.tenancy import Tenant
from crossdock.kernel.transaction import Database, Unit
from crossdock.modules.bookings.schemas import BookingOut, BookingPage
from crossdock.modules.bookings.store import BookingHistoryRow, BookingRow, BookingStatus, BookingStore, Equipment
from tests.stores.implementations import implementations
from tests.stores.rows import PLATFORM, booking_row, now, own_database, tenant
from tests.world import Server

MakeStore = Callable[[Unit], BookingStore]


@pytest.fixture(scope="module")
async def database(server: Server, template: str, registry: Registry) -> AsyncIterator[Database]:
    async with own_database(server, template, registry, "bookings_store") as opened:
        yield opened


@pytest.fixture(params=implementations(BookingStore), ids=lambda implementation: implementation.__name__)
def store(request: pytest.FixtureRequest) -> MakeStore:
    made: MakeStore = request.param
    return made


@pytest.fixture
async def shipper(database: Database) -> Tenant:
    return await tenant(database, "shipper")


async def added(database: Database, store: MakeStore, shipper: Tenant, **changes: object) -> BookingRow:
    row = booking_row(shipper, **changes)
    async with database.transaction(shipper) as tx:
        await store(tx).add(row)
    return row


async def found(database: Database, store: MakeStore, scope: Tenant, row: BookingRow) -> BookingRow | None:
    async with database.transaction(scope) as tx:
        return await store(tx).get(row.id)


async def test_what_is_added_is_found(database: Database, store: MakeStore, shipper: Tenant) -> None:
    """A booking comes back as it was given, to the microsecond."""
    row = await added(database, store, shipper)
    assert await found(database, store, shipper, row) == row
    async with database.transaction(shipper) as tx:
        assert await store(tx).get(row.id, lock=True) == row
        assert await store(tx).get(new_id()) is None


async def test_a_draft_is_its_company_s(database: Database, store: MakeStore, shipper: Tenant) -> None:
    """Row level security, not the store, hides a draft from everyone else, and an open booking from other shippers."""
    carrier, other = await tenant(database, "carrier"), await tenant(database, "shipper")
    draft = await added(database, store, shipper)
    open_ = await added(database, store, shipper, status=BookingStatus.OPEN)
    assert await found(database, store, carrier, draft) is None
    assert await found(database, store, carrier, open_) == open_
    assert await found(database, store, other, open_) is None


async def test_nobody_locks_another_s_booking(database: Database, store: MakeStore, shipper: Tenant) -> None:
    """A carrier reads an open booking and cannot lock, move or change it."""
    carrier = await tenant(database, "carrier")
    row = await added(database, store, shipper, status=BookingStatus.OPEN)
    async with database.transaction(carrier) as tx:
        bookings = store(tx)
        assert await bookings.get(row.id, lock=True) is None
        assert not await bookings.move(replace(row, status=BookingStatus.CANCELLED), from_status=row.status)
        assert not await bookings.change(replace(row, weight_kg=1), version=row.version)
    assert await found(database, store, shipper, row) == row


async def test_move_is_a_compare_and_swap(database: Database, store: MakeStore, shipper: Tenant) -> None:
    """It writes the state where the status is the expected one, and nothing otherwise."""
    row = await added(database, store, shipper)
    moved = replace(row, status=BookingStatus.OPEN, version=2, updated_at=now())
    async with database.transaction(shipper) as tx:
        assert await store(tx).move(moved, from_status=BookingStatus.DRAFT)
        assert not await store(tx).move(moved, from_status=BookingStatus.DRAFT)
    assert await found(database, store, shipper, row) == moved


async def test_change_needs_the_version_that_was_read(database: Database, store: MakeStore, shipper: Tenant) -> None:
    """It writes every detail at the expected version, and nothing at another."""
    row = await added(database, store, shipper)
    changed = replace(
        row,
        pickup=replace(row.pickup, address="Dok 7, Gent", lat=51.1, lon=3.7),
        dropoff=replace(row.dropoff, due_at=row.dropoff.due_at + timedelta(hours=1)),
        weight_kg=1,
        equipment=Equipment.VAN,
        price_ceiling=Money(1, "USD"),
        updated_at=now(),
        version=2,
    )
    async with database.transaction(shipper) as tx:
        assert await store(tx).change(changed, version=1)
        assert not await store(tx).change(replace(changed, version=3), version=1)
    assert await found(database, store, shipper, row) == changed


async def test_history_is_kept(database: Database, store: MakeStore, shipper: Tenant) -> None:
    """A history row of one's own booking is taken, one of another company's is refused by the database."""
    row = await added(database, store, shipper)
    history = BookingHistoryRow(new_id(), row.id, row.company_id, None, row.status, None, "x" * 500, now())
    async with database.transaction(shipper) as tx:
        await store(tx).add_history([history])
    stranger = await tenant(database, "shipper")
    with pytest.raises(Forbidden):
        async with database.transaction(stranger) as tx:
            await store(tx).add_history([replace(history, id=new_id())])


async def test_past_pickup_finds_the_oldest_first(database: Database, store: MakeStore, shipper: Tenant) -> None:
    """Open bookings whose pickup time has passed, at most `limit`; a later one, a draft and a locked one are left."""
    at = now() - timedelta(days=3650)  # long before the other tests' rows

    async def ready(days: int, status: BookingStatus = BookingStatus.OPEN) -> BookingRow:
        pickup = replace(booking_row(shipper).pickup, ready_at=at + timedelta(days=days))
        return await added(database, store, shipper, pickup=pickup, status=status)

    second, first, third = await ready(-2), await ready(-3), await ready(-1)
    await ready(-4, BookingStatus.DRAFT)
    await ready(1)
    async with database.transaction(PLATFORM) as tx:
        assert await store(tx).past_pickup(at, 2) == [first, second]
        async with database.transaction(PLATFORM) as rival:
            assert await store(rival).past_pickup(at, 2) == [third]


async def test_the_document_is_the_schema(database: Database, store: MakeStore, shipper: Tenant) -> None:
    """What HTTP answers is the row in the shape of `BookingOut`, with its version."""
    row = await added(database, store, shipper, version=7)
    async with database.transaction(shipper) as tx:
        document = await store(tx).document(row.id)
        assert await store(tx).document(new_id()) is None
    assert document is not None
    assert document.version == 7
    assert json.loads(document.body) == BookingOut.model_validate(row).model_dump(mode="json")


async def test_pages_are_newest_first_and_whole(database: Database, store: MakeStore, shipper: Tenant) -> None:
    """Following the cursor gives every booking once; a status leaves the others out."""
    drafts = [await added(database, store, shipper) for _ in range(3)]
    open_ = await added(database, store, shipper, status=BookingStatus.OPEN)
    async with database.transaction(shipper) as tx:
        first = BookingPage.model_validate_json((await store(tx).page(Page(3), None)).body)
        after = decode_cursor(first.next_cursor)
        second = BookingPage.model_validate_json((await store(tx).page(Page(3, after), None)).body)
        only_open = BookingPage.model_validate_json((await store(tx).page(Page(3), BookingStatus.OPEN)).body)
    assert [item.id for item in first.items + second.items] == [open_.id, *(row.id for row in reversed(drafts))]
    assert second.next_cursor is None
    assert [item.id for item in only_open.items] == [open_.id]
