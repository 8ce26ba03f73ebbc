"""What the two stores of bookings are compared by beside the traffic: calls that traffic makes seldom."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from crossdock.cutover import Case, Moving
from crossdock.documents import Page
from crossdock.ids import new_id
from crossdock.tenancy import Platform
from freight.modules.bookings.store import (
    BookingHistoryRow,
    BookingRow,
    BookingStatus,
    BookingStore,
    Dropoff,
    Equipment,
    Pickup,
)
from freight.modules.companies.api import PLATFORM_COMPANY_ID
from freight.money import Money

AT = datetime(2026, 1, 1, 8, 30, 0, 123_456, tzinfo=UTC)


async def live(store: BookingStore) -> None:
    """A booking from its draft to its end, with every command, and with changes that come too late."""
    row = _row()
    await store.add(row)
    await store.add_history([_history(row, None)])
    await store.get(row.id, lock=True)
    changed = replace(row, weight_kg=1, price_ceiling=Money(1, "JPY"), version=2)
    await store.change(changed, version=1)
    await store.change(changed, version=1)
    opened = replace(changed, status=BookingStatus.OPEN, version=3)
    await store.move(opened, from_status=BookingStatus.DRAFT)
    await store.move(opened, from_status=BookingStatus.DRAFT)
    await store.past_pickup(AT, 10)
    await store.past_pickup(AT + timedelta(hours=1), 10, [row.id])
    await store.add_history([_history(opened, BookingStatus.DRAFT), _history(opened, BookingStatus.DRAFT)])


async def read(store: BookingStore) -> None:
    """Each read, of what is there and of what is not."""
    row = _row()
    await store.add(row)
    for key in (row.id, new_id()):
        await store.get(key)
        await store.document(key)
    first = Page(limit=2)
    for status in (None, *BookingStatus):
        await store.page(first, status)
        await store.page(first, status, with_shipper=True)
    await store.page(Page(limit=2, after=row.id), None)


MOVING = Moving(
    cases=tuple(Case(run.__name__, Platform("exercise bookings"), run) for run in (live, read)),
)


def _row() -> BookingRow:
    return BookingRow(
        id=new_id(),
        company_id=PLATFORM_COMPANY_ID,
        status=BookingStatus.DRAFT,
        pickup=Pickup("Kade 1, Antwerpen", 51.26, -0.0, AT),
        dropoff=Dropoff("Łódź, ul. Piotrkowska 1 “A”", 51.77, 19.46, AT + timedelta(days=1)),
        weight_kg=24_000,
        equipment=Equipment.BOX_TRUCK,
        price_ceiling=Money(125_000, "EUR"),
        carrier_id=None,
        awarded_bid_id=None,
        created_at=AT,
        updated_at=AT,
        version=1,
    )


def _history(booking: BookingRow, before: BookingStatus | None) -> BookingHistoryRow:
    return BookingHistoryRow(
        new_id(), booking.id, booking.company_id, before, booking.status, None, None, booking.updated_at
    )
