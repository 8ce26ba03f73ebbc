"""The contract of the bookings store, over every implementation, on a real PostgreSQL."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from crossdock.documents import Page, decode_cursor
from crossdock.errors import Forbidden, Invalid, WriteInReading
from crossdock.guards import NestedUnitOfWork
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.tenancy import Platform
from crossdock.transaction import Database, Transaction
from crossdock.transaction.faults import violated_constraint
from crossdock.transaction.reading import Reading
from freight.modules.bookings.schemas import BookingOut, BookingPage, BookingWithShipperPage
from freight.modules.bookings.store import (
    BookingHistoryRow,
    BookingReads,
    BookingRow,
    BookingStatus,
    BookingStore,
    Dropoff,
    Equipment,
    Pickup,
)
from freight.modules.companies.api import get_company
from freight.money import MAX_AMOUNT_MINOR, Money
from freight.tenancy import CompanyScope
from tests.stores.implementations import implementations, orms
from tests.stores.rows import PLATFORM, booking_row, now, own_database, tenant
from tests.world import Server

S = BookingStatus
PICKUP = Pickup("Quai 3, Rouen", 49.44, 1.1, datetime(2020, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="module", params=orms(BookingStore))
async def database(
    request: pytest.FixtureRequest, server: Server, template: str, registry: Registry
) -> AsyncIterator[Database]:
    """One for each ORM, whose store answers in it."""
    chosen = registry.answered_by(BookingStore, request.param)
    async with own_database(server, template, chosen, f"bookings_store_{request.param}") as opened:
        yield opened


@pytest.fixture
async def shipper(database: Database) -> CompanyScope:
    return await tenant(database, "shipper")


async def add(database: Database, row: BookingRow, scope: CompanyScope | Platform) -> BookingRow:
    async with database.transaction(scope) as tx:
        await tx.store(BookingStore).add(row)
    return row


async def added(database: Database, shipper: CompanyScope, **changes: Any) -> BookingRow:
    """As the platform where it is no draft: a tenant adds drafts."""
    row = booking_row(shipper, **changes)
    return await add(database, row, shipper if row.status is S.DRAFT else PLATFORM)


async def found(database: Database, scope: CompanyScope, row: BookingRow) -> BookingRow | None:
    async with database.reading(scope, BookingReads) as bookings:
        return await bookings.get(row.id)


def history_row(booking: BookingRow, **changes: Any) -> BookingHistoryRow:
    row = BookingHistoryRow(new_id(), booking.id, booking.company_id, None, booking.status, None, None, now())
    return replace(row, **changes)


async def history(database: Database, booking: BookingRow) -> list[Any]:
    """The history of a booking as the table holds it, oldest first."""
    query = text("SELECT * FROM booking_history WHERE booking_id = :id ORDER BY id")
    async with database.transaction(PLATFORM) as tx:
        return list((await tx.sql.execute(query, {"id": booking.id})).mappings())


async def refused_by(database: Database, row: BookingRow) -> str | None:
    """The constraint that refuses a booking."""
    with pytest.raises(Exception) as caught:
        await add(database, row, PLATFORM)
    return violated_constraint(caught.value)


@pytest.mark.allows(NestedUnitOfWork, "two clients at once")
async def test_the_store_is_that_of_the_orm_asked_for(
    request: pytest.FixtureRequest, database: Database, shipper: CompanyScope
) -> None:
    """Units give it out, and a reading runs on its ORM's pool."""
    made = {implementation.__name__ for implementation in implementations(BookingStore)}
    async with database.reading(shipper, BookingReads) as bookings, database.transaction(shipper) as tx:
        store = tx.store(BookingStore)
        assert bookings.__class__ is store.__class__.__base__
        assert bookings.__class__.__name__.lower() == f"{request.node.callspec.params['database']}bookingreads"
        assert store.__class__.__name__ in made


async def test_what_is_added_is_found(database: Database, shipper: CompanyScope) -> None:
    """A booking comes back as it was given, to the microsecond, locked or not."""
    row = await added(database, shipper)
    assert await found(database, shipper, row) == row
    async with database.transaction(shipper) as tx:
        assert await tx.store(BookingStore).get(row.id, lock=True) == row
        assert await tx.store(BookingStore).get(new_id()) is None


async def test_a_draft_is_its_company_s(database: Database, shipper: CompanyScope) -> None:
    """Row level security, not the store, hides a draft from everyone else, and an open booking from other shippers."""
    carrier, other = await tenant(database, "carrier"), await tenant(database, "shipper")
    draft = await added(database, shipper)
    open_ = await added(database, shipper, status=S.OPEN)
    assert await found(database, carrier, draft) is None
    assert await found(database, carrier, open_) == open_
    assert await found(database, other, open_) is None


async def test_an_awarded_booking_is_seen_by_who_won_it(database: Database, shipper: CompanyScope) -> None:
    """One by one, in a document and in a page; no other carrier sees it any more."""
    carrier, other = await tenant(database, "carrier"), await tenant(database, "carrier")
    row = await added(database, shipper, status=S.AWARDED, carrier_id=carrier.company_id, awarded_bid_id=new_id())
    for scope, is_seen in ((shipper, True), (carrier, True), (other, False)):
        async with database.reading(scope, BookingReads) as bookings:
            page = BookingPage.model_validate_json((await bookings.page(Page(), S.AWARDED)).body)
            assert (await bookings.get(row.id) == row) is is_seen
            assert (await bookings.document(row.id) is not None) is is_seen
            assert (row.id in {item.id for item in page.items}) is is_seen


async def test_nobody_locks_another_s_booking(database: Database, shipper: CompanyScope) -> None:
    """A carrier reads an open booking and cannot lock, move or change it."""
    carrier = await tenant(database, "carrier")
    row = await added(database, shipper, status=S.OPEN)
    async with database.transaction(carrier) as tx:
        bookings = tx.store(BookingStore)
        assert await bookings.get(row.id, lock=True) is None
        assert not await bookings.move(replace(row, status=S.CANCELLED), from_status=row.status)
        assert not await bookings.change(replace(row, weight_kg=1), version=row.version)
    assert await found(database, shipper, row) == row


async def test_nobody_adds_a_booking_for_another(database: Database, shipper: CompanyScope) -> None:
    """The database refuses it; a reading refuses every write."""
    stranger = await tenant(database, "shipper")
    with pytest.raises(Forbidden):
        await add(database, booking_row(shipper), stranger)
    with pytest.raises(WriteInReading):
        async with database.reading(shipper, BookingStore) as bookings:
            await bookings.add(booking_row(shipper))
    _, store = database.registry.store(BookingStore)
    with pytest.raises(WriteInReading):
        async with Reading(database.environment, shipper, database.transactions) as unit:
            await store(unit).add(booking_row(shipper))


@pytest.mark.allows(NestedUnitOfWork, "two clients at once")
async def test_a_lock_is_for_those_who_change(database: Database, shipper: CompanyScope) -> None:
    """While one holds it, others pass a locked booking over, and may still write what refers to it."""
    row = await added(database, shipper, status=S.OPEN, pickup=replace(booking_row(shipper).pickup, ready_at=now()))
    async with database.transaction(shipper) as tx:
        assert await tx.store(BookingStore).get(row.id, lock=True)
        async with database.transaction(shipper) as rival:
            assert await rival.store(BookingStore).past_pickup(now(), 10) == []
            await rival.store(BookingStore).add_history([history_row(row)])
    async with database.transaction(shipper) as tx:
        assert await tx.store(BookingStore).past_pickup(now(), 10) == [row]


async def test_the_database_says_which_rule_is_broken(database: Database, shipper: CompanyScope) -> None:
    """By the name of its constraint, the same from every store: keys, references, checks."""
    row = await added(database, shipper)
    assert await refused_by(database, row) == "bookings_pkey"
    assert await refused_by(database, booking_row(shipper, company_id=new_id())) == "bookings_company_id_fkey"
    assert await refused_by(database, booking_row(shipper, weight_kg=0)) == "ck_bookings_weight"
    assert await refused_by(database, booking_row(shipper, status=S.AWARDED)) == "ck_bookings_award"
    with pytest.raises(Exception) as caught:
        async with database.transaction(PLATFORM) as tx:
            await tx.store(BookingStore).add_history([history_row(row, booking_id=new_id())])
    assert violated_constraint(caught.value) == "booking_history_booking_id_fkey"


@pytest.mark.parametrize(
    "change",
    [
        {"weight_kg": 2**31},
        {"pickup": replace(PICKUP, address="x" * 301)},
        {"pickup": replace(PICKUP, address="a NUL \0 byte")},
        {"price_ceiling": Money(1, "EURO")},
    ],
    ids=["weight", "text", "byte", "currency"],
)
async def test_what_a_column_cannot_hold_is_refused(
    database: Database, shipper: CompanyScope, change: dict[str, Any]
) -> None:
    """As input that breaks a rule, whether it is added or changed, and nothing is written."""
    row = await added(database, shipper)
    with pytest.raises(Invalid):
        await added(database, shipper, **change)
    with pytest.raises(Invalid):
        async with database.transaction(shipper) as tx:
            await tx.store(BookingStore).change(replace(row, **change), version=row.version)
    assert await found(database, shipper, row) == row


async def test_move_is_a_compare_and_swap(database: Database, shipper: CompanyScope) -> None:
    """It writes the state where the status is the expected one, and nothing otherwise."""
    row = await added(database, shipper)
    moved = replace(row, status=S.OPEN, version=2, updated_at=now())
    async with database.transaction(shipper) as tx:
        bookings = tx.store(BookingStore)
        assert await bookings.move(replace(moved, weight_kg=1), from_status=S.DRAFT)
        assert not await bookings.move(moved, from_status=S.DRAFT)
        assert not await bookings.move(replace(moved, id=new_id()), from_status=S.DRAFT)
    assert await found(database, shipper, row) == moved


async def test_an_award_comes_and_goes(database: Database, shipper: CompanyScope) -> None:
    """Moving to awarded writes who won, moving back takes it away."""
    carrier = await tenant(database, "carrier")
    row = await added(database, shipper, status=S.OPEN)
    awarded = replace(row, status=S.AWARDED, carrier_id=carrier.company_id, awarded_bid_id=new_id(), version=2)
    async with database.transaction(PLATFORM) as tx:
        assert await tx.store(BookingStore).move(awarded, from_status=S.OPEN)
        assert await tx.store(BookingStore).get(row.id) == awarded
        assert await tx.store(BookingStore).move(replace(row, version=3), from_status=S.AWARDED)
    assert await found(database, shipper, row) == replace(row, version=3)


async def test_change_needs_the_version_that_was_read(database: Database, shipper: CompanyScope) -> None:
    """It writes every detail at the expected version, and nothing at another."""
    row = await added(database, shipper)
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
        assert await tx.store(BookingStore).change(changed, version=1)
        assert not await tx.store(BookingStore).change(replace(changed, version=3), version=1)
    assert await found(database, shipper, row) == changed


async def test_history_is_kept(database: Database, shipper: CompanyScope) -> None:
    """Every row as it was given; none is none. One of another company's booking is refused by the database."""
    row = await added(database, shipper)
    first = history_row(row)
    second = history_row(row, from_status=S.DRAFT, to_status=S.OPEN, actor_id=new_id(), reason="x" * 500)
    async with database.transaction(shipper) as tx:
        await tx.store(BookingStore).add_history([])
        await tx.store(BookingStore).add_history([second, first])
    assert [BookingHistoryRow(**kept) for kept in await history(database, row)] == [first, second]
    stranger = await tenant(database, "shipper")
    with pytest.raises(Forbidden):
        async with database.transaction(stranger) as tx:
            await tx.store(BookingStore).add_history([replace(first, id=new_id())])


@pytest.mark.allows(NestedUnitOfWork, "two clients at once")
async def test_past_pickup_finds_the_oldest_first(database: Database, shipper: CompanyScope) -> None:
    """Open bookings whose pickup time has passed, at most `limit`; a later one, a draft and a locked one are left."""
    at = now() - timedelta(days=3650)  # long before the other tests' rows

    async def ready(days: int, status: BookingStatus = S.OPEN) -> BookingRow:
        pickup = replace(booking_row(shipper).pickup, ready_at=at + timedelta(days=days))
        return await added(database, shipper, pickup=pickup, status=status)

    second, first, third = await ready(-2), await ready(-3), await ready(-1)
    await ready(-4, S.DRAFT)
    await ready(1)
    async with database.transaction(PLATFORM) as tx:
        assert await tx.store(BookingStore).past_pickup(at, 2, {first.id, third.id}) == [second]
        assert await tx.store(BookingStore).past_pickup(at, 2) == [first, second]
        async with database.transaction(PLATFORM) as rival:
            assert await rival.store(BookingStore).past_pickup(at, 2) == [third]


async def test_the_document_is_the_schema(database: Database, shipper: CompanyScope) -> None:
    """What HTTP answers is the row in the shape of `BookingOut`, member by member, with its version."""
    row = await added(database, shipper, version=7)
    async with database.reading(shipper, BookingReads) as bookings:
        document = await bookings.document(row.id)
        assert await bookings.document(new_id()) is None
    assert document is not None
    assert document.version == 7
    assert json.loads(document.body) == BookingOut.model_validate(row).model_dump(mode="json")
    assert list(json.loads(document.body)) == list(BookingOut.model_fields)


async def test_pages_are_newest_first_and_whole(database: Database, shipper: CompanyScope) -> None:
    """Following the cursor gives every booking once; a status leaves the others out."""
    drafts = [await added(database, shipper) for _ in range(3)]
    open_ = await added(database, shipper, status=S.OPEN)
    async with database.reading(shipper, BookingReads) as bookings:
        first = BookingPage.model_validate_json((await bookings.page(Page(3), None)).body)
        after = decode_cursor(first.next_cursor)
        second = BookingPage.model_validate_json((await bookings.page(Page(3, after), None)).body)
        only_open = BookingPage.model_validate_json((await bookings.page(Page(3), S.OPEN)).body)
        none = json.loads((await bookings.page(Page(3, drafts[0].id), None)).body)
    assert [item.id for item in first.items + second.items] == [open_.id, *(row.id for row in reversed(drafts))]
    assert second.next_cursor is None
    assert [item.id for item in only_open.items] == [open_.id]
    assert none == {"items": [], "next_cursor": None}


async def test_a_page_may_show_each_with_its_shipper(database: Database, shipper: CompanyScope) -> None:
    """The same bookings, in the same order, and of each the company that it belongs to: to whoever sees the booking."""
    carrier, other = await tenant(database, "carrier"), await tenant(database, "shipper")
    rows = [await added(database, owner, status=S.OPEN) for owner in (shipper, other, shipper)]
    await added(database, shipper)
    async with database.reading(carrier, BookingReads) as bookings:
        bare = BookingPage.model_validate_json((await bookings.page(Page(2), S.OPEN)).body)
        body = (await bookings.page(Page(2), S.OPEN, with_shipper=True)).body
        first = BookingWithShipperPage.model_validate_json(body)
        after = decode_cursor(first.next_cursor)
        last = BookingWithShipperPage.model_validate_json(
            (await bookings.page(Page(1, after), None, with_shipper=True)).body
        )
    assert [item.model_dump(exclude={"shipper"}) for item in first.items] == [item.model_dump() for item in bare.items]
    assert first.next_cursor == bare.next_cursor
    assert [(item.id, item.shipper.id) for item in [*first.items, *last.items]] == [
        (row.id, row.company_id) for row in reversed(rows)
    ]
    assert list(json.loads(body)["items"][0]) == [*BookingOut.model_fields, "shipper"]


SPAN = datetime(2001, 1, 1), datetime(2199, 1, 1)
NEPAL = timezone(timedelta(hours=5, minutes=45))
WHOLE_SECONDS = st.datetimes(*SPAN, timezones=st.just(NEPAL)).map(lambda time: time.replace(microsecond=0))
TIMES = st.datetimes(*SPAN, timezones=st.just(UTC)) | WHOLE_SECONDS
ADDRESSES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=300)
LATITUDES, LONGITUDES = st.floats(-90, 90), st.floats(-180, 180)


@st.composite
def bookings_of_anybody(draw: st.DrawFn) -> dict[str, Any]:
    """What a booking may hold, at the edges of its types."""
    ready_at = draw(TIMES)
    due_at = ready_at + draw(st.timedeltas(timedelta(microseconds=1), timedelta(days=300)))
    is_won = draw(st.booleans())
    return {
        "status": draw(st.sampled_from([S.AWARDED, S.COVERED] if is_won else [S.DRAFT, S.OPEN, S.EXPIRED])),
        "pickup": Pickup(draw(ADDRESSES), draw(LATITUDES), draw(LONGITUDES), ready_at),
        "dropoff": Dropoff(draw(ADDRESSES), draw(LATITUDES), draw(LONGITUDES), due_at),
        "weight_kg": draw(st.integers(1, 2**31 - 1)),
        "equipment": draw(st.sampled_from(Equipment)),
        "price_ceiling": Money(draw(st.integers(1, MAX_AMOUNT_MINOR)), draw(st.sampled_from(["EUR", "JPY"]))),
        "awarded_bid_id": new_id() if is_won else None,
        "created_at": draw(TIMES),
        "updated_at": draw(TIMES),
        "version": draw(st.integers(1, 2**31 - 1)),
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(holds=bookings_of_anybody())
async def test_all_stores_answer_the_same(database: Database, shipper: CompanyScope, holds: dict[str, Any]) -> None:
    """What one store wrote every one reads, and answers with JSON of one meaning, whatever the connection's zone."""
    row = booking_row(shipper, carrier_id=shipper.company_id if holds["awarded_bid_id"] else None, **holds)
    await add(database, row, PLATFORM)
    expected = BookingOut.model_validate(row).model_dump(mode="json")
    async with database.transaction(shipper) as tx:
        named = await get_company(tx, shipper.company_id)
        company = {"id": str(named.id), "name": named.name, "kind": named.kind}
        await tx.sql.execute(text("SET LOCAL TIME ZONE 'Australia/Adelaide'"))
        for make in implementations(BookingStore):
            store: BookingStore = make(tx)
            document = await store.document(row.id)
            page = await store.page(Page(1), row.status)
            with_shipper = await store.page(Page(1), row.status, with_shipper=True)
            assert await store.get(row.id) == row
            assert document is not None
            assert (json.loads(document.body), document.version) == (expected, row.version)
            assert json.loads(page.body)["items"] == [expected]
            assert json.loads(with_shipper.body)["items"] == [{**expected, "shipper": company}]


@pytest.mark.parametrize("with_shipper", [False, True], ids=["alone", "with shipper"])
async def test_a_cursor_of_one_store_is_good_for_all(
    database: Database, shipper: CompanyScope, with_shipper: bool
) -> None:
    """A list goes on where it was, page by page, though another store answers for the rest of it."""

    async def answered(tx: Transaction, page: Page, status: BookingStatus | None) -> list[Any]:
        stores: list[BookingStore] = [make(tx) for make in made]
        return [json.loads((await store.page(page, status, with_shipper=with_shipper)).body) for store in stores]

    rows = [await added(database, shipper, status=S.OPEN if number % 2 else S.DRAFT) for number in range(7)]
    made = implementations(BookingStore)
    for status in (None, S.OPEN, S.CANCELLED):
        seen: list[UUID] = []
        async with database.transaction(shipper) as tx:
            answers = await answered(tx, Page(2), status)
            while (cursor := answers[0]["next_cursor"]) is not None:
                assert answers == [answers[0]] * len(made)
                seen += [UUID(item["id"]) for item in answers[0]["items"]]
                answers = await answered(tx, Page(2, decode_cursor(cursor)), status)
            assert answers == [answers[0]] * len(made)
        seen += [UUID(item["id"]) for item in answers[0]["items"]]
        assert seen == [row.id for row in reversed(rows) if status in (None, row.status)]
