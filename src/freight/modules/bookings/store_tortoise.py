"""The bookings store, on Tortoise: the one that answered before the move, kept for the way back."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from crossdock.documents import Document, Page, collection, document
from crossdock.schema.tortoise import insert, newest, one
from crossdock.transaction import Unit
from freight.modules.bookings.columns import all_of, booking_of, details_of, state_of
from freight.modules.bookings.models_tortoise import Booking, BookingHistory
from freight.modules.bookings.schemas import BookingOut, BookingWithShipperOut
from freight.modules.bookings.store import BookingHistoryRow, BookingRow, BookingStatus
from freight.modules.companies.api import CompanyBrief


class TortoiseBookingReads:
    def __init__(self, unit: Unit) -> None:
        """The models find the unit's connection by themselves."""

    async def get(self, booking_id: UUID, *, lock: bool = False) -> BookingRow | None:
        model = await one(Booking.filter(id=booking_id), lock=lock)
        return None if model is None else _row(model)

    async def document(self, booking_id: UUID) -> Document | None:
        row = await self.get(booking_id)
        return None if row is None else document(BookingOut.model_validate(row), row.version)

    async def page(self, page: Page, status: BookingStatus | None, *, with_shipper: bool = False) -> Document:
        query = Booking.all()
        if status is not None:
            query = query.filter(status=status)
        if with_shipper:
            # Joined: before a second query the booking may be awarded to somebody else, and its shipper then hidden.
            query = query.select_related("company")
        models, next_cursor = await newest(query, page)
        make = _with_shipper if with_shipper else _out
        return collection([make(model) for model in models], next_cursor)


class TortoiseBookingStore(TortoiseBookingReads):
    async def add(self, row: BookingRow) -> None:
        await Booking.create(**all_of(row))

    async def change(self, row: BookingRow, *, version: int) -> bool:
        return await Booking.filter(id=row.id, version=version).update(**details_of(row), **state_of(row)) == 1

    async def move(self, row: BookingRow, *, from_status: BookingStatus) -> bool:
        return await Booking.filter(id=row.id, status=from_status).update(**state_of(row)) == 1

    async def add_history(self, rows: list[BookingHistoryRow]) -> None:
        await insert(BookingHistory, *rows)

    async def past_pickup(self, now: datetime, limit: int, besides: Collection[UUID] = ()) -> list[BookingRow]:
        due = Booking.filter(status=BookingStatus.OPEN, pickup_ready_at__lte=now).order_by("pickup_ready_at")
        due = due.exclude(id__in=list(besides))
        return [_row(model) for model in await due.limit(limit).select_for_update(skip_locked=True, no_key=True)]


def _row(model: Booking) -> BookingRow:
    return booking_of(vars(model))  # a model keeps its columns as attributes of their names


def _out(model: Booking) -> BookingOut:
    return BookingOut.model_validate(_row(model))


def _with_shipper(model: Booking) -> BookingWithShipperOut:
    return BookingWithShipperOut(**dict(_out(model)), shipper=CompanyBrief.model_validate(model.company))
