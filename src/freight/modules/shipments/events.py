"""What shipments puts in the outbox."""

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
    """A state change: one row of the shipment's history, told."""

    type: ClassVar[str] = "shipments.moved"
    booking_id: UUID
    from_status: ShipmentStatus
    to_status: ShipmentStatus
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentEventRecorded(Event):
    """Something that happened on the way; a step of the journey is told as `ShipmentMoved` too."""

    type: ClassVar[str] = "shipments.event_recorded"
    event_id: UUID
    event_type: EventType
    occurred_at: datetime
    lat: float
    lon: float
