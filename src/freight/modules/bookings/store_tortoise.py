"""The bookings store, on Tortoise."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from crossdock.documents import Document, Page, collection, document
from crossdock.schema.tortoise import insert, newest
from crossdock.transaction import Unit
from freight.modules.bookings.models_tortoise import Booking, BookingHistory
from freight.modules.bookings.schemas import BookingOut, BookingWithShipperOut
from freight.modules.bookings.store import BookingHistoryRow, BookingRow, BookingStatus, Dropoff, Pickup
from freight.modules.companies.api import CompanyBrief
from freight.money import Money


class TortoiseBookingStore:
    def __init__(self, unit: Unit) -> None:
        """The models find the unit's connection by themselves."""

    async def add(self, row: BookingRow) -> None:
        await Booking.create(
            id=row.id, company_id=row.company_id, created_at=row.created_at, **_details(row), **_state(row)
        )

    async def get(self, booking_id: UUID, *, lock: bool = False) -> BookingRow | None:
        query = Booking.filter(id=booking_id)
        if lock:
            query = query.select_for_update(no_key=True)
        model = await query.first()
        return None if model is None else _row(model)

    async def change(self, row: BookingRow, *, version: int) -> bool:
        return await Booking.filter(id=row.id, version=version).update(**_details(row), **_state(row)) == 1

    async def move(self, row: BookingRow, *, from_status: BookingStatus) -> bool:
        return await Booking.filter(id=row.id, status=from_status).update(**_state(row)) == 1

    async def add_history(self, rows: list[BookingHistoryRow]) -> None:
        await insert(BookingHistory, *rows)

    async def past_pickup(self, now: datetime, limit: int, besides: Collection[UUID] = ()) -> list[BookingRow]:
        due = Booking.filter(status=BookingStatus.OPEN, pickup_ready_at__lte=now).order_by("pickup_ready_at")
        due = due.exclude(id__in=list(besides))
        return [_row(model) for model in await due.limit(limit).select_for_update(skip_locked=True, no_key=True)]

    async def document(self, booking_id: UUID) -> Document | None:
        row = await self.get(booking_id)
        return None if row is None else document(BookingOut.model_validate(row), row.version)

    async def page(self, page: Page, status: BookingStatus | None, *, with_shipper: bool = False) -> Document:
        query = Booking.all()
        if status is not None:
            query = query.filter(status=status)
        if with_shipper:  # joined: by the time of a second query an open booking may be another's, its shipper hidden
            query = query.select_related("company")
        models, next_cursor = await newest(query, page)
        make = _with_shipper if with_shipper else _out
        return collection([make(model) for model in models], next_cursor)


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


def _out(model: Booking) -> BookingOut:
    return BookingOut.model_validate(_row(model))


def _with_shipper(model: Booking) -> BookingWithShipperOut:
    return BookingWithShipperOut(**dict(_out(model)), shipper=CompanyBrief.model_validate(model.company))


def _row(model: Booking) -> BookingRow:
    return BookingRow(
        id=model.id,
        company_id=model.company_id,  # type: ignore[attr-defined]
        status=model.status,
        pickup=Pickup(model.pickup_address, model.pickup_lat, model.pickup_lon, model.pickup_ready_at),
        dropoff=Dropoff(model.dropoff_address, model.dropoff_lat, model.dropoff_lon, model.dropoff_due_at),
        weight_kg=model.weight_kg,
        equipment=model.equipment,
        price_ceiling=Money(model.price_ceiling_minor, model.currency),
        carrier_id=model.carrier_id,  # type: ignore[attr-defined]
        awarded_bid_id=model.awarded_bid_id,
        created_at=model.created_at,
        updated_at=model.updated_at,
        version=model.version,
    )
