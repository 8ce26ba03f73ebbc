"""The events of shipments, which are written to the outbox."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from crossdock.events import Event
from freight.modules.shipments.store import EventType, ShipmentStatus
from freight.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentPlanned(Event):
    type: ClassVar[str] = "shipments.planned"
    booking_id: UUID
    shipper_id: UUID
    carrier_id: UUID
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentMoved(Event):
    """A shipment changed its state: the same facts as one row of its history."""

    type: ClassVar[str] = "shipments.moved"
    booking_id: UUID
    from_status: ShipmentStatus
    to_status: ShipmentStatus
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentEventRecorded(Event):
    """Something happened on the journey. Where it moved the shipment, there is a `ShipmentMoved` as well."""

    type: ClassVar[str] = "shipments.event_recorded"
    event_id: UUID
    event_type: EventType
    occurred_at: datetime
    lat: float
    lon: float
