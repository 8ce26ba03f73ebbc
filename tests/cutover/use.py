"""Normal use of the bookings store: each of its methods, with what is there and what is not, what fits and what comes
too late."""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product

from crossdock.documents import Page
from crossdock.ids import new_id
from crossdock.tenancy import Scope
from crossdock.transaction import Database, Transaction
from crossdock.transaction.faults import violated_constraint
from freight.modules.bookings.store import BookingReads, BookingRow, BookingStatus, BookingStore, Pickup
from freight.money import Money
from freight.tenancy import CompanyScope
from tests.stores.rows import PLATFORM, booking_row, now, tenant
from tests.stores.test_bookings_store import history_row

STATUSES = (None, BookingStatus.OPEN, BookingStatus.DRAFT)
SUMMER = datetime(2026, 7, 1, 6, 30, 0, 1, tzinfo=UTC)
ODD = {
    "pickup": Pickup(" Kade\u20281, ŁÓDŹ\x85 ", 51.26, -0.0, SUMMER),
    "price_ceiling": Money(2**53 + 1, "EUR"),
}
"""Values at which stores differ that are alike for others: blanks around a text and ends of lines within it, an amount
that no float holds, a time in summer with a microsecond."""


@dataclass(frozen=True)
class Loads:
    """What there is before anything is compared: `foreign` is not the shipper's, all others are."""

    shipper: CompanyScope
    draft: BookingRow
    covered: BookingRow
    odd: BookingRow
    foreign: BookingRow
    waiting: tuple[BookingRow, ...]


async def loads(database: Database) -> Loads:
    """Written by the store that answers, with nothing compared."""
    shipper, stranger, carrier = [await tenant(database, kind) for kind in ("shipper", "shipper", "carrier")]
    draft, foreign = booking_row(shipper, weight_kg=1), booking_row(stranger)
    won = {"status": BookingStatus.COVERED, "carrier_id": carrier.company_id, "awarded_bid_id": new_id()}
    past = [replace(draft.pickup, ready_at=now() - timedelta(hours=hours)) for hours in (1, 3, 2)]
    waiting = tuple(booking_row(shipper, status=BookingStatus.OPEN, pickup=pickup) for pickup in past)
    found = Loads(shipper, draft, booking_row(shipper, **won), booking_row(shipper, **ODD), foreign, waiting)
    async with database.transaction(PLATFORM) as tx:
        store = tx.store(BookingStore)
        for row in (found.draft, found.covered, found.odd, found.foreign, *found.waiting):
            await store.add(row)
    return found


async def read(database: Database, there: Loads) -> None:
    """Everything that there is, by a tenant and by the platform, which sees more."""
    keys = (there.draft.id, there.covered.id, there.odd.id, there.foreign.id, new_id())
    pages = (Page(), Page(limit=2), Page(limit=len(there.waiting)), Page(limit=1, after=there.waiting[-1].id))
    scopes: tuple[Scope, ...] = (there.shipper, PLATFORM)
    for scope in scopes:
        for key in keys:
            async with database.reading(scope, BookingReads) as bookings:
                await bookings.get(key)
            async with database.reading(scope, BookingReads) as bookings:
                await bookings.document(key)
        for page, status, with_shipper in product(pages, STATUSES, (False, True)):
            async with database.reading(scope, BookingReads) as bookings:
                await bookings.page(page, status, with_shipper=with_shipper)


async def write(database: Database, there: Loads) -> BookingRow:
    """A booking from its draft on. Returns it as it is in the end."""
    row = booking_row(there.shipper, **ODD)
    async with database.transaction(there.shipper) as tx:
        await tx.store(BookingStore).add(row)
        await _add_again(tx, row)
        histories = [history_row(row, reason=reason) for reason in ("drafted", None)]
        await tx.store(BookingStore).add_history(histories)
        assert len(histories) == 2
    async with database.transaction(there.shipper) as tx:
        store = tx.store(BookingStore)
        assert await store.get(row.id, lock=True) == row
        assert await store.get(new_id(), lock=True) is None
        assert await store.document(row.id) is not None
        pickup = replace(row.pickup, ready_at=now() + timedelta(hours=24))
        changed = replace(row, weight_kg=7, pickup=pickup, version=2, updated_at=now())
        assert await store.change(changed, version=1)
        assert not await store.change(changed, version=1)
        assert await store.get(row.id) == changed
        opened = replace(changed, status=BookingStatus.OPEN, version=3, updated_at=now())
        assert await store.move(opened, from_status=BookingStatus.DRAFT)
        assert not await store.move(opened, from_status=BookingStatus.DRAFT)
    async with database.transaction(PLATFORM) as tx:
        store = tx.store(BookingStore)
        for limit, besides in ((10, []), (2, []), (10, [there.waiting[1].id])):
            await store.past_pickup(now(), limit, besides)
    return opened


async def _add_again(tx: Transaction, row: BookingRow) -> None:
    """Its key is taken."""
    with suppress(Exception):
        async with tx.savepoint():
            try:
                await tx.store(BookingStore).add(replace(row, weight_kg=5))
                await tx.flush()
            except Exception as error:
                assert violated_constraint(error) == "bookings_pkey"
                raise
            raise AssertionError("two bookings have one key")
