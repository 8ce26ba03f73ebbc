"""What the bids module asks of its store."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from crossdock.documents import Document, Page
from freight.money import Money


class BidStatus(StrEnum):
    PENDING = "pending"
    AWARDED = "awarded"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class BidRow:
    """`company_id` is the carrier, `shipper_id` the booking's company.

    `hold_id` (the ledger's transfer) and `award_expires_at` are set by an award, and stay whatever becomes of it.
    """

    id: UUID
    booking_id: UUID
    company_id: UUID
    shipper_id: UUID
    status: BidStatus
    amount: Money
    pickup_eta: datetime
    award_expires_at: datetime | None
    hold_id: UUID | None
    created_at: datetime
    updated_at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class BidHistoryRow:
    id: UUID
    bid_id: UUID
    company_id: UUID
    shipper_id: UUID
    from_status: BidStatus | None
    to_status: BidStatus
    actor_id: UUID | None
    reason: str | None
    created_at: datetime


class BidStore(Protocol):
    """Rows are those that the tenant may see: row level security decides, not the store."""

    async def add(self, row: BidRow) -> bool:
        """Inserts a bid. False when the carrier has a live bid on this booking already."""
        ...

    async def get(self, bid_id: UUID, *, lock: bool = False) -> BidRow | None:
        """`lock` takes FOR NO KEY UPDATE until the end of the transaction."""
        ...

    async def move(self, row: BidRow, *, from_status: BidStatus) -> bool:
        """Writes status, award, version and time where the status still is `from_status` (compare and swap)."""
        ...

    async def pending_of(self, booking_id: UUID) -> list[BidRow]:
        """Every pending bid of a booking, locked in the order of their ids."""
        ...

    async def reject(self, bid_ids: list[UUID], now: datetime) -> int:
        """Moves those of the bids that still are pending to rejected (compare and swap). Returns how many."""
        ...

    async def add_history(self, rows: list[BidHistoryRow]) -> None:
        """Inserts history rows."""
        ...

    async def overdue_awards(self, now: datetime, limit: int, besides: Collection[UUID] = ()) -> list[UUID]:
        """Ids of awarded bids whose time to accept has passed, besides some, oldest first. Not locked."""
        ...

    async def document(self, bid_id: UUID) -> Document | None:
        """One bid in the shape of `BidOut`, with its version."""
        ...

    async def page(self, booking_id: UUID, page: Page) -> Document:
        """A booking's bids in the shape of `BidPage`, newest first."""
        ...

    async def overview(self, booking_id: UUID) -> Document | None:
        """A booking in the shape of `BookingWithBidsOut`, with the booking's version."""
        ...
