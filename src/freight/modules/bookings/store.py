"""The contract of the bookings store: the rows, and what a store of either ORM must do with them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from crossdock.documents import Document, Page
from freight.money import Money


class BookingStatus(StrEnum):
    """How far a booking has come, from a draft to the delivery, or how it ended before."""

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
    """Where and when the load is ready."""

    address: str
    lat: float
    lon: float
    ready_at: datetime


@dataclass(frozen=True, slots=True)
class Dropoff:
    """Where and when the load is due."""

    address: str
    lat: float
    lon: float
    due_at: datetime


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A load that a shipper wants carried. `company_id` is the shipper.

    `carrier_id` and `awarded_bid_id` are set while it is awarded, covered or delivered, and None in all other states.
    """

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
    """One change of a booking's state: who, when, from which state (None at the beginning), to which, why."""

    id: UUID
    booking_id: UUID
    company_id: UUID
    from_status: BookingStatus | None
    to_status: BookingStatus
    actor_id: UUID | None
    reason: str | None
    created_at: datetime


class BookingReads(Protocol):
    """The store filters by no company: PostgreSQL's row level security shows the rows that the tenant may see."""

    async def get(self, booking_id: UUID) -> BookingRow | None:
        """One booking; None where it does not exist or is not visible to the tenant."""
        ...

    async def document(self, booking_id: UUID) -> Document | None:
        """One booking in the shape of `BookingOut`, with its version."""
        ...

    async def page(self, page: Page, status: BookingStatus | None, *, with_shipper: bool = False) -> Document:
        """Bookings in the shape of `BookingPage`, or of `BookingWithShipperPage`, newest first."""
        ...


class BookingStore(BookingReads, Protocol):
    """The reads, and the commands, which need a transaction."""

    async def get(self, booking_id: UUID, *, lock: bool = False) -> BookingRow | None:
        """One booking, or None. `lock` holds it (FOR NO KEY UPDATE) until the end of the transaction."""
        ...

    async def add(self, row: BookingRow) -> None:
        """Inserts a booking."""
        ...

    async def change(self, row: BookingRow, *, version: int) -> bool:
        """Writes a booking where the stored version still is `version`. False where it changed, or is not there."""
        ...

    async def move(self, row: BookingRow, *, from_status: BookingStatus) -> bool:
        """Writes status, award, version and time where the status still is `from_status` (compare and swap)."""
        ...

    async def add_history(self, rows: list[BookingHistoryRow]) -> None:
        """Inserts history rows."""
        ...

    async def past_pickup(self, now: datetime, limit: int, besides: Collection[UUID] = ()) -> list[BookingRow]:
        """Open bookings whose pickup time has passed, without those in `besides`, oldest first, locked.

        Bookings that another transaction has locked are skipped.
        """
        ...
