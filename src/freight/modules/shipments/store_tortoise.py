"""The shipments store, on Tortoise."""

from typing import Any
from uuid import UUID

from crossdock.documents import Document, Page, collection, document
from crossdock.schema.tortoise import insert, newest, one
from crossdock.transaction import Unit
from freight.modules.shipments.models_tortoise import ProofOfDelivery, Shipment, ShipmentEvent, ShipmentHistory
from freight.modules.shipments.schemas import (
    EVENTS_SHOWN_MAX,
    ProofOut,
    ShipmentEventOut,
    ShipmentOut,
    ShipmentSummary,
)
from freight.modules.shipments.store import (
    ProofRow,
    ShipmentEventRow,
    ShipmentHistoryRow,
    ShipmentRow,
    ShipmentStatus,
)
from freight.money import Money


class TortoiseShipmentReads:
    def __init__(self, unit: Unit) -> None:
        """The models find the unit's connection by themselves."""

    async def get(self, shipment_id: UUID, *, lock: bool = False) -> ShipmentRow | None:
        model = await one(Shipment.filter(id=shipment_id), lock=lock)
        return None if model is None else _row(model)

    async def document(self, shipment_id: UUID) -> Document | None:
        row = await self.get(shipment_id)
        if row is None:
            return None
        newest = await ShipmentEvent.filter(shipment_id=shipment_id).order_by("-id").limit(EVENTS_SHOWN_MAX)
        proof = await ProofOfDelivery.get_or_none(shipment_id=shipment_id)
        shown = ShipmentOut(
            **ShipmentSummary.model_validate(row).model_dump(),
            events=[ShipmentEventOut.model_validate(event) for event in reversed(newest)],
            proof_of_delivery=None if proof is None else ProofOut.model_validate(proof),
        )
        return document(shown, row.version)

    async def page(self, page: Page, booking_id: UUID | None) -> Document:
        query = Shipment.all()
        if booking_id is not None:
            query = query.filter(booking_id=booking_id)
        models, next_cursor = await newest(query, page)
        return collection([ShipmentSummary.model_validate(_row(model)) for model in models], next_cursor)


class TortoiseShipmentStore(TortoiseShipmentReads):
    async def add(self, row: ShipmentRow) -> None:
        await Shipment.create(**_new(row), **_state(row))

    async def move(self, row: ShipmentRow, *, from_status: ShipmentStatus) -> bool:
        return await Shipment.filter(id=row.id, status=from_status).update(**_state(row)) == 1

    async def add_event(self, row: ShipmentEventRow) -> None:
        await insert(ShipmentEvent, row)

    async def add_history(self, rows: list[ShipmentHistoryRow]) -> None:
        await insert(ShipmentHistory, *rows)

    async def add_proof(self, row: ProofRow) -> None:
        await insert(ProofOfDelivery, row)


def _new(row: ShipmentRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "booking_id": row.booking_id,
        "bid_id": row.bid_id,
        "shipper_id": row.shipper_id,
        "carrier_id": row.carrier_id,
        "amount_minor": row.amount.amount_minor,
        "currency": row.amount.currency,
        "hold_id": row.hold_id,
        "created_at": row.created_at,
    }


def _state(row: ShipmentRow) -> dict[str, Any]:
    return {
        "status": row.status,
        "last_event_at": row.last_event_at,
        "updated_at": row.updated_at,
        "version": row.version,
    }


def _row(model: Shipment) -> ShipmentRow:
    return ShipmentRow(
        id=model.id,
        booking_id=model.booking_id,  # type: ignore[attr-defined]
        bid_id=model.bid_id,  # type: ignore[attr-defined]
        shipper_id=model.shipper_id,  # type: ignore[attr-defined]
        carrier_id=model.carrier_id,  # type: ignore[attr-defined]
        status=model.status,
        amount=Money(model.amount_minor, model.currency),
        hold_id=model.hold_id,
        last_event_at=model.last_event_at,
        created_at=model.created_at,
        updated_at=model.updated_at,
        version=model.version,
    )
