"""The bookings store, on SQLAlchemy: its statements are compiled once, and run on the driver."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Table, Uuid, bindparam, func, select, update

from crossdock.documents import Document, Page
from crossdock.driver.compiled import compiled
from crossdock.transaction import Appending, Unit
from crossdock.transaction.given import columns
from freight.modules.bookings import documents
from freight.modules.bookings.columns import DETAILS, STATE, all_of, booking_of, details_of, state_of
from freight.modules.bookings.models_sqlalchemy import Booking, BookingHistory
from freight.modules.bookings.store import BookingHistoryRow, BookingRow, BookingStatus


class SqlAlchemyBookingStore:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def add(self, row: BookingRow) -> None:
        self._unit.add(ADDED, all_of(row))

    async def get(self, booking_id: UUID, *, lock: bool = False) -> BookingRow | None:
        rows = await self._unit.rows(LOCK if lock else GET, wanted=booking_id)
        return booking_of(rows[0]) if rows else None

    async def change(self, row: BookingRow, *, version: int) -> bool:
        values = details_of(row) | state_of(row) | {"wanted": row.id, "expected": version}
        return await self._unit.execute(CHANGE, **values) == 1

    async def move(self, row: BookingRow, *, from_status: BookingStatus) -> bool:
        return await self._unit.execute(MOVE, **state_of(row), wanted=row.id, expected=from_status) == 1

    async def add_history(self, rows: list[BookingHistoryRow]) -> None:
        self._unit.append(HISTORY, [columns(row) for row in rows])

    async def past_pickup(self, now: datetime, limit: int, besides: Collection[UUID] = ()) -> list[BookingRow]:
        rows = await self._unit.rows(PAST_PICKUP, now=now, limit=limit, besides=list(besides))
        return [booking_of(row) for row in rows]

    async def document(self, booking_id: UUID) -> Document | None:
        return await documents.booking.read(self._unit, booking_id=booking_id)

    async def page(self, page: Page, status: BookingStatus | None, *, with_shipper: bool = False) -> Document:
        bookings = documents.bookings_with_shipper if with_shipper else documents.bookings
        return await bookings.read(self._unit, page, status=status)


BOOKINGS = cast(Table, Booking.__table__)
ADDED = Appending(Booking)
HISTORY = Appending(BookingHistory)


def _given(*names: str) -> dict[str, Any]:
    """Columns, each set to the parameter of its name."""
    return {name: bindparam(name, type_=BOOKINGS.c[name].type) for name in names}


GET = compiled(_one := select(BOOKINGS).where(Booking.id == bindparam("wanted")))
# FOR NO KEY UPDATE, as the Tortoise store takes: it makes rivals wait, and not whoever inserts a bid for the booking.
LOCK = compiled(_one.with_for_update(key_share=True))
_change = update(BOOKINGS).where(Booking.id == bindparam("wanted"))
CHANGE = compiled(_change.where(Booking.version == bindparam("expected")).values(_given(*DETAILS, *STATE)))
MOVE = compiled(_change.where(Booking.status == bindparam("expected")).values(_given(*STATE)))
PAST_PICKUP = compiled(
    select(BOOKINGS)
    .where(
        Booking.status == BookingStatus.OPEN,
        Booking.pickup_ready_at <= bindparam("now"),
        Booking.id != func.all(bindparam("besides", type_=ARRAY(Uuid))),
    )
    .order_by(Booking.pickup_ready_at)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(key_share=True, skip_locked=True)
)
