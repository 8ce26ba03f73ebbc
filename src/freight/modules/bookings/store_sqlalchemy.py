"""The bookings store, on SQLAlchemy. Its commands are Core statements: those of every request are compiled once."""

from collections.abc import Collection
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Integer, Table, Uuid, all_, bindparam, select, update

from crossdock.documents import Document, Page
from crossdock.driver.compiled import compiled
from crossdock.transaction import Appending, Rows, Transaction, Unit
from crossdock.transaction.given import columns
from freight.modules.bookings import documents
from freight.modules.bookings.columns import DETAILS, STATE, all_of, booking_of, state_of
from freight.modules.bookings.models_sqlalchemy import Booking, BookingHistory
from freight.modules.bookings.store import BookingHistoryRow, BookingRow, BookingStatus

BOOKINGS = Rows(Booking, BookingRow, to_columns=all_of, from_columns=booking_of, changing=(*DETAILS, *STATE))
HISTORY = Appending(BookingHistory)

_table = cast(Table, Booking.__table__)
# Compare and swap: the second of two moves from one state waits for the row, finds another state and writes nothing.
MOVE = compiled(
    update(_table)
    .where(Booking.id == bindparam("wanted"), Booking.status == bindparam("expected"))
    .values({name: bindparam(name, type_=_table.c[name].type) for name in STATE})
)
PAST_PICKUP = compiled(
    select(_table)
    .where(
        Booking.status == BookingStatus.OPEN,
        Booking.pickup_ready_at <= bindparam("now", type_=DateTime(timezone=True)),
        Booking.id != all_(bindparam("besides", type_=ARRAY(Uuid))),
    )
    .order_by(Booking.pickup_ready_at)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(key_share=True, skip_locked=True)  # another worker's bookings are left to that worker
)


class SqlAlchemyBookingReads:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def get(self, booking_id: UUID, *, lock: bool = False) -> BookingRow | None:
        return await BOOKINGS.get(self._unit, booking_id, lock=lock)

    async def document(self, booking_id: UUID) -> Document | None:
        return await documents.booking.read(self._unit, booking_id=booking_id)

    async def page(self, page: Page, status: BookingStatus | None, *, with_shipper: bool = False) -> Document:
        bookings = documents.bookings_with_shipper if with_shipper else documents.bookings
        return await bookings.read(self._unit, page, status=status)


class SqlAlchemyBookingStore(SqlAlchemyBookingReads):
    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx)
        self._tx = tx

    async def add(self, row: BookingRow) -> None:
        BOOKINGS.add(self._tx, row)

    async def change(self, row: BookingRow, *, version: int) -> bool:
        return await BOOKINGS.change(self._tx, row, version=version)

    async def move(self, row: BookingRow, *, from_status: BookingStatus) -> bool:
        return await self._tx.execute(MOVE, **state_of(row), wanted=row.id, expected=from_status) == 1

    async def add_history(self, rows: list[BookingHistoryRow]) -> None:
        self._tx.append(HISTORY, [columns(row) for row in rows])

    async def past_pickup(self, now: datetime, limit: int, besides: Collection[UUID] = ()) -> list[BookingRow]:
        found = await self._tx.rows(PAST_PICKUP, now=now, most=limit, besides=list(besides))
        return [booking_of(row) for row in found]
