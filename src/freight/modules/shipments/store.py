"""The contract of the shipments store: the rows, and what a store of either ORM must do with them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from crossdock.documents import Document, Page
from freight.money import Money


class ShipmentStatus(StrEnum):
    """How far a shipment has come, from the plan to the accepted delivery, or that it was cancelled."""

    PLANNED = "planned"
    AT_PICKUP = "at_pickup"
    IN_TRANSIT = "in_transit"
    AT_DROPOFF = "at_dropoff"
    DELIVERED = "delivered"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class EventType(StrEnum):
    """The first three move the shipment; the others are incidents beside its journey."""

    ARRIVED_AT_PICKUP = "arrived_at_pickup"
    DEPARTED_PICKUP = "departed_pickup"
    ARRIVED_AT_DROPOFF = "arrived_at_dropoff"
    POSITION = "position"
    DETENTION = "detention"
    BREAKDOWN = "breakdown"
    OVER_SHORT_DAMAGED = "over_short_damaged"
    TRUCK_ORDERED_NOT_USED = "truck_ordered_not_used"


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    """A covered booking on its journey. `hold_id` is the ledger's transfer that holds the money for it.

    `last_event_at` is when the newest event occurred; no event before that time is accepted.
    """

    id: UUID
    booking_id: UUID
    bid_id: UUID
    shipper_id: UUID
    carrier_id: UUID
    status: ShipmentStatus
    amount: Money
    hold_id: UUID
    last_event_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class ShipmentEventRow:
    """Something that happened on the journey, where and when. `created_at` is when it was reported."""

    id: UUID
    shipment_id: UUID
    shipper_id: UUID
    carrier_id: UUID
    type: EventType
    occurred_at: datetime
    lat: float
    lon: float
    actor_id: UUID | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ShipmentHistoryRow:
    """One change of a shipment's state: who, when, from which state (None at the beginning), to which, why."""

    id: UUID
    shipment_id: UUID
    shipper_id: UUID
    carrier_id: UUID
    from_status: ShipmentStatus | None
    to_status: ShipmentStatus
    actor_id: UUID | None
    reason: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ProofRow:
    """Who signed for the goods, and the SHA-256 of the signed document."""

    id: UUID
    shipment_id: UUID
    shipper_id: UUID
    carrier_id: UUID
    signed_by: str
    document_sha256: str
    actor_id: UUID | None
    created_at: datetime


class ShipmentReads(Protocol):
    """The store filters by no company: PostgreSQL's row level security shows the rows that the tenant may see."""

    async def get(self, shipment_id: UUID) -> ShipmentRow | None:
        """One shipment; None where it does not exist or is not visible to the tenant."""
        ...

    async def document(self, shipment_id: UUID) -> Document | None:
        """One shipment in the shape of `ShipmentOut`: with its newest events and its proof, and its version."""
        ...

    async def page(self, page: Page, booking_id: UUID | None) -> Document:
        """Shipments, or those of one booking, in the shape of `ShipmentPage` (no events), newest first."""
        ...


class ShipmentStore(ShipmentReads, Protocol):
    """The reads, and the commands, which need a transaction."""

    async def get(self, shipment_id: UUID, *, lock: bool = False) -> ShipmentRow | None:
        """One shipment, or None. `lock` holds it (FOR NO KEY UPDATE) until the end of the transaction."""
        ...

    async def add(self, row: ShipmentRow) -> None:
        """Inserts a shipment."""
        ...

    async def move(self, row: ShipmentRow, *, from_status: ShipmentStatus) -> bool:
        """Writes status, last event, version and time where the status still is `from_status` (compare and swap)."""
        ...

    async def add_event(self, row: ShipmentEventRow) -> None:
        """Inserts an event."""
        ...

    async def add_history(self, rows: list[ShipmentHistoryRow]) -> None:
        """Inserts history rows."""
        ...

    async def add_proof(self, row: ProofRow) -> None:
        """Inserts the proof of delivery. The caller has locked the shipment and seen by its state that it has none."""
        ...
