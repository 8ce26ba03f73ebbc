"""What the bookings module asks of its store."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from crossdock.documents import Document, Page
from freight.money import Money


class BookingStatus(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    AWARDED = "awarded"
    COVERED = "covered"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Equipment(StrEnum):
    VAN = "van"
    BOX_TRUCK = "box_truck"
    CURTAINSIDER = "curtainsider"
    REEFER = "reefer"
    FLATBED = "flatbed"


@dataclass(frozen=True, slots=True)
class Pickup:
    address: str
    lat: float
    lon: float
    ready_at: datetime


@dataclass(frozen=True, slots=True)
class Dropoff:
    address: str
    lat: float
    lon: float
    due_at: datetime


@dataclass(frozen=True, slots=True)
class BookingRow:
    """`company_id` is the shipper. `carrier_id` and `awarded_bid_id` are set by an award, taken back by a decline."""

    id: UUID
    company_id: UUID
    status: BookingStatus
    pickup: Pickup
    dropoff: Dropoff
    weight_kg: int
    equipment: Equipment
    price_ceiling: Money
    carrier_id: UUID | None
    awarded_bid_id: UUID | None
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class BookingHistoryRow:
    id: UUID
    booking_id: UUID
    company_id: UUID
    from_status: BookingStatus | None
    to_status: BookingStatus
    actor_id: UUID | None
    reason: str | None
    created_at: datetime


class BookingStore(Protocol):
    """Rows are those that the tenant may see: row level security decides, not the store."""

    async def add(self, row: BookingRow) -> None:
        """Inserts a booking."""
        ...

    async def get(self, booking_id: UUID, *, lock: bool = False) -> BookingRow | None:
        """`lock` takes FOR NO KEY UPDATE until the end of the transaction."""
        ...

    async def change(self, row: BookingRow, *, version: int) -> bool:
        """Writes the details of a booking where its version still is `version`. False: it changed, or is not there."""
        ...

    async def move(self, row: BookingRow, *, from_status: BookingStatus) -> bool:
        """Writes status, award, version and time where the status still is `from_status` (compare and swap)."""
        ...

    async def add_history(self, rows: list[BookingHistoryRow]) -> None:
        """Inserts history rows."""
        ...

    async def past_pickup(self, now: datetime, limit: int, besides: Collection[UUID] = ()) -> list[BookingRow]:
        """Open bookings whose pickup time has passed, besides some, locked, oldest first; those that others hold are
        skipped."""
        ...

    async def document(self, booking_id: UUID) -> Document | None:
        """One booking in the shape of `BookingOut`, with its version."""
        ...

    async def page(self, page: Page, status: BookingStatus | None, *, with_shipper: bool = False) -> Document:
        """Bookings in the shape of `BookingPage`, or of `BookingWithShipperPage`, newest first."""
        ...
