"""The bookings store, on SQLAlchemy."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Row, Table, Update, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from crossdock.kernel.documents import Document, Page
from crossdock.kernel.money import Money
from crossdock.kernel.transaction import Unit
from crossdock.modules.bookings import documents
from crossdock.modules.bookings.models_sqlalchemy import Booking, BookingHistory
from crossdock.modules.bookings.store import BookingHistoryRow, BookingRow, BookingStatus, Dropoff, Pickup


class SqlAlchemyBookingStore:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    @property
    def _sql(self) -> AsyncConnection:
        """Asked for where it is used: a document does without."""
        return self._unit.sql

    async def add(self, row: BookingRow) -> None:
        values = {"id": row.id, "company_id": row.company_id, "created_at": row.created_at}
        await self._sql.execute(ADD, values | _details(row) | _state(row))

    async def get(self, booking_id: UUID, *, lock: bool = False) -> BookingRow | None:
        row = (await self._sql.execute(LOCK if lock else GET, {"wanted": booking_id})).one_or_none()
        return None if row is None else _row(row)

    async def change(self, row: BookingRow, *, version: int) -> bool:
        return await self._swap(CHANGE, _details(row) | _state(row) | {"wanted": row.id, "expected": version})

    async def move(self, row: BookingRow, *, from_status: BookingStatus) -> bool:
        return await self._swap(MOVE, _state(row) | {"wanted": row.id, "expected": from_status})

    async def _swap(self, statement: Update, values: dict[str, Any]) -> bool:
        return (await self._sql.execute(statement, values)).rowcount == 1

    async def add_history(self, rows: list[BookingHistoryRow]) -> None:
        if rows:  # an empty list would be one insert without values
            await self._sql.execute(ADD_HISTORY, [_history(row) for row in rows])

    async def past_pickup(self, now: datetime, limit: int) -> list[BookingRow]:
        rows = await self._sql.execute(PAST_PICKUP, {"now": now, "limit": limit})
        return [_row(row) for row in rows]

    async def document(self, booking_id: UUID) -> Document | None:
        return await documents.booking.read(self._unit, booking_id=booking_id)

    async def page(self, page: Page, status: BookingStatus | None, *, with_shipper: bool = False) -> Document:
        bookings = documents.bookings_with_shipper if with_shipper else documents.bookings
        return await bookings.read(self._unit, page, status=status)


BOOKINGS, HISTORY = cast(Table, Booking.__table__), cast(Table, BookingHistory.__table__)

ADD, ADD_HISTORY = insert(BOOKINGS), insert(HISTORY)
GET = select(BOOKINGS).where(Booking.id == bindparam("wanted"))
# FOR NO KEY UPDATE, as the Tortoise store takes: it makes rivals wait, and not whoever inserts a bid for the booking.
LOCK = GET.with_for_update(key_share=True)
CHANGE = update(BOOKINGS).where(Booking.id == bindparam("wanted"), Booking.version == bindparam("expected"))
MOVE = update(BOOKINGS).where(Booking.id == bindparam("wanted"), Booking.status == bindparam("expected"))
PAST_PICKUP = (
    select(BOOKINGS)
    .where(Booking.status == BookingStatus.OPEN, Booking.pickup_ready_at <= bindparam("now"))
    .order_by(Booking.pickup_ready_at)
    .limit(bindparam("limit"))
    .with_for_update(key_share=True, skip_locked=True)
)


def _details(row: BookingRow) -> dict[str, Any]:
    return {
        "pickup_address": row.pickup.address,
        "pickup_lat": row.pickup.lat,
        "pickup_lon": row.pickup.lon,
        "pickup_ready_at": row.pickup.ready_at,
        "dropoff_address": row.dropoff.address,
        "dropoff_lat": row.dropoff.lat,
        "dropoff_lon": row.dropoff.lon,
        "dropoff_due_at": row.dropoff.due_at,
        "weight_kg": row.weight_kg,
        "equipment": row.equipment,
        "price_ceiling_minor": row.price_ceiling.amount_minor,
        "currency": row.price_ceiling.currency,
    }


def _state(row: BookingRow) -> dict[str, Any]:
    return {
        "status": row.status,
        "carrier_id": row.carrier_id,
        "awarded_bid_id": row.awarded_bid_id,
        "updated_at": row.updated_at,
        "version": row.version,
    }


def _history(row: BookingHistoryRow) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in HISTORY.columns}


def _row(row: Row[Any]) -> BookingRow:
    return BookingRow(
        id=row.id,
        company_id=row.company_id,
        status=row.status,
        pickup=Pickup(row.pickup_address, row.pickup_lat, row.pickup_lon, row.pickup_ready_at),
        dropoff=Dropoff(row.dropoff_address, row.dropoff_lat, row.dropoff_lon, row.dropoff_due_at),
        weight_kg=row.weight_kg,
        equipment=row.equipment,
        price_ceiling=Money(row.price_ceiling_minor, row.currency),
        carrier_id=row.carrier_id,
        awarded_bid_id=row.awarded_bid_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )
