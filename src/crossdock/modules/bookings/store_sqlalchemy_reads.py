"""The bookings' reads for HTTP: PostgreSQL makes the JSON of each booking, in the shape of `BookingOut`."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, bindparam, cast, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from crossdock.kernel.documents import Document, Page
from crossdock.modules.bookings.models_sqlalchemy import Booking
from crossdock.modules.bookings.store import BookingStatus


async def booking(sql: AsyncConnection, booking_id: UUID) -> Document | None:
    """In the shape of `BookingOut`, with the booking's version."""
    row = (await sql.execute(ONE, {"wanted": booking_id})).one_or_none()
    return None if row is None else Document(row.json.encode(), row.version)


async def bookings(sql: AsyncConnection, page: Page, status: BookingStatus | None) -> Document:
    """In the shape of `BookingPage`, newest first. No company is named here: row level security shows what it may."""
    query = NEWEST.limit(page.fetch)
    if status is not None:
        query = query.where(Booking.status == status)
    if page.after is not None:
        query = query.where(Booking.id < page.after)
    shown, next_cursor = page.cut((await sql.execute(query)).all(), lambda row: row.id)
    cursor = "null" if next_cursor is None else f'"{next_cursor}"'
    items = ",".join(row.json for row in shown)
    return Document(f'{{"items":[{items}],"next_cursor":{cursor}}}'.encode())


def _object(**members: Any) -> ColumnElement[Any]:
    pairs = [part for name, value in members.items() for part in (literal(name, Text, literal_execute=True), value)]
    return func.json_build_object(*pairs)


def _time(column: Any) -> ColumnElement[str]:
    """UTC with microseconds, but for a whole second without: as Pydantic writes it, whatever the connection's zone."""
    written = func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    return func.replace(written, ".000000", "")


BOOKING = _object(
    id=Booking.id,
    company_id=Booking.company_id,
    status=Booking.status,
    pickup=_object(
        address=Booking.pickup_address,
        lat=Booking.pickup_lat,
        lon=Booking.pickup_lon,
        ready_at=_time(Booking.pickup_ready_at),
    ),
    dropoff=_object(
        address=Booking.dropoff_address,
        lat=Booking.dropoff_lat,
        lon=Booking.dropoff_lon,
        due_at=_time(Booking.dropoff_due_at),
    ),
    weight_kg=Booking.weight_kg,
    price_ceiling=_object(amount_minor=Booking.price_ceiling_minor, currency=Booking.currency),
    equipment=Booking.equipment,
    carrier_id=Booking.carrier_id,
    awarded_bid_id=Booking.awarded_bid_id,
    created_at=_time(Booking.created_at),
    updated_at=_time(Booking.updated_at),
)
JSON = cast(BOOKING, Text).label("json")
"""As text: the driver passes it on as it is."""
ONE = select(JSON, Booking.version).where(Booking.id == bindparam("wanted"))
NEWEST = select(Booking.id, JSON).order_by(Booking.id.desc())
