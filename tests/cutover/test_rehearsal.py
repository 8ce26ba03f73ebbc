"""At `rehearse` the candidate does each write first, in a savepoint that is undone: both must write the same rows."""

from dataclasses import replace
from typing import Any

import pytest

from crossdock.cutover import Ignore, running_moves
from crossdock.cutover.operating import Operations
from crossdock.errors import Conflict
from crossdock.stages import Stage
from crossdock.transaction import Database
from freight.modules.bookings import moving as bookings_moving
from freight.modules.bookings.store import BookingReads, BookingRow, BookingStatus, BookingStore
from freight.modules.bookings.store_sqlalchemy import SqlAlchemyBookingStore
from freight.modules.bookings.store_tortoise import TortoiseBookingStore
from freight.tenancy import CompanyScope
from tests.cutover.scene import brought_to, counted
from tests.stores.rows import PLATFORM, booking_row, now
from tests.stores.test_bookings_store import history_row


async def lived(database: Database, shipper: CompanyScope) -> BookingRow:
    """A booking that every command of the store has had to do with."""
    row = booking_row(shipper)
    async with database.transaction(shipper) as tx:
        store = tx.store(BookingStore)
        await store.add(row)
        await store.add_history([history_row(row)])
        locked = await store.get(row.id, lock=True)
        assert locked == row
        row = replace(row, weight_kg=1, version=2)
        assert await store.change(row, version=1)
        assert not await store.change(row, version=1)
        row = replace(row, status=BookingStatus.OPEN, version=3)
        assert await store.move(row, from_status=BookingStatus.DRAFT)
    async with database.transaction(PLATFORM) as tx:
        await tx.store(BookingStore).past_pickup(now(), 10)
    return row


@pytest.mark.parametrize(("stage", "share"), [(Stage.REHEARSE, 0), (Stage.RAMP, 100), (Stage.SQLALCHEMY, 0)])
async def test_commands_are_compared(
    moved: Database, operator: Operations, shipper: CompanyScope, stage: Stage, share: int
) -> None:
    """Each writes the same rows with both stores, once, whichever of them answers."""
    await brought_to(moved, stage, share)
    async with running_moves(moved) as moves:
        row = await lived(moved, shipper)
        await moves.settled()
    counts = await counted(operator)
    assert {method: (each.same, each.different, each.unclear) for method, each in counts.items()} == {
        "add": (1, 0, 0),
        "add_history": (1, 0, 0),
        "get": (1, 0, 0),
        "change": (2, 0, 0),
        "move": (1, 0, 0),
        "past_pickup": (1, 0, 0),
    }
    async with moved.reading(shipper, BookingReads) as bookings:
        assert await bookings.get(row.id) == row


async def test_another_row_is_a_mismatch(
    moved: Database, operator: Operations, shipper: CompanyScope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by table, key and column; what the control wrote stays, and nothing of the candidate's."""

    async def add_wrong(store: Any, row: BookingRow) -> None:
        await right(store, replace(row, weight_kg=row.weight_kg + 1))

    right = SqlAlchemyBookingStore.add
    monkeypatch.setattr(SqlAlchemyBookingStore, "add", add_wrong)
    await brought_to(moved, Stage.REHEARSE)
    async with running_moves(moved) as moves:
        row = booking_row(shipper)
        async with moved.transaction(shipper) as tx:
            await tx.store(BookingStore).add(row)
        await moves.settled()
    assert (await counted(operator))["add"].different == 1
    (mismatch,) = await operator.mismatches("bookings")
    (difference,) = mismatch.differences
    assert difference["path"] == f"rows.bookings.{row.id}.new.weight_kg"
    assert (difference["control"], difference["candidate"]) == (9_000, 9_001)
    async with moved.reading(shipper, BookingReads) as bookings:
        assert await bookings.get(row.id) == row


async def test_a_value_that_a_store_makes_is_ignored(
    moved: Database, operator: Operations, shipper: CompanyScope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A time of its own differs from one call to the next: nothing follows, and the gate says what to do."""
    for store in (TortoiseBookingStore, SqlAlchemyBookingStore):
        monkeypatch.setattr(store, "add", with_a_time(store.add))
    for ignored, verdict in ((False, "unclear"), (True, "same")):
        rules = (Ignore("add", "rows.bookings.*.new.updated_at", "each store asks the clock"),) if ignored else ()
        monkeypatch.setattr(bookings_moving, "MOVING", replace(bookings_moving.MOVING, ignore=rules))
        await brought_to(moved, Stage.REHEARSE)
        async with running_moves(moved) as moves:
            async with moved.transaction(shipper) as tx:
                await tx.store(BookingStore).add(booking_row(shipper))
            await moves.settled()
        found = await operator.progress("bookings")
        assert getattr(found.counts["add"], verdict) == 1
        assert any("add: 1 call of it was unclear" in each for each in found.obstacles) is not ignored


@pytest.mark.parametrize("stage", [Stage.TORTOISE, Stage.REHEARSE, Stage.SQLALCHEMY])
@pytest.mark.parametrize("forgets", [False, True])
async def test_what_was_written_before_an_error(  # noqa: PLR0917  fixtures
    moved: Database,
    operator: Operations,
    shipper: CompanyScope,
    monkeypatch: pytest.MonkeyPatch,
    stage: Stage,
    forgets: bool,
) -> None:
    """It stays where the caller goes on, as if nothing was compared, and both stores must have written it."""
    other = TortoiseBookingStore if stage is Stage.SQLALCHEMY else SqlAlchemyBookingStore
    for store in (TortoiseBookingStore, SqlAlchemyBookingStore):
        monkeypatch.setattr(store, "add", raising(store.add, forgets=forgets and store is other))
    await brought_to(moved, stage)
    row = booking_row(shipper)
    async with running_moves(moved) as moves:
        async with moved.transaction(shipper) as tx:
            with pytest.raises(Conflict):
                await tx.store(BookingStore).add(row)
        await moves.settled()
    async with moved.reading(shipper, BookingReads) as bookings:
        assert await bookings.get(row.id) == row
    if stage is not Stage.TORTOISE:
        counts = (await counted(operator))["add"]
        assert (counts.same, counts.different) == ((0, 1) if forgets else (1, 0))


def raising(right: Any, *, forgets: bool) -> Any:
    async def add(store: Any, row: BookingRow) -> None:
        if not forgets:
            await right(store, row)
        raise Conflict

    return add


def with_a_time(right: Any) -> Any:
    async def add(store: Any, row: BookingRow) -> None:
        await right(store, replace(row, updated_at=now()))

    return add
