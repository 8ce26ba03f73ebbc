"""The contract of the bids store: the rows, and what a store of either ORM must do with them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from crossdock.documents import Document, Page
from freight.money import Money


class BidStatus(StrEnum):
    """How far a bid has come, from the offer to the accepted award, or how it ended before."""

    PENDING = "pending"
    AWARDED = "awarded"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class BidRow:
    """A carrier's price for a booking. `company_id` is the carrier, `shipper_id` the booking's company.

    An award sets `hold_id` (the ledger's transfer) and `award_expires_at`. No later state empties them.
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
    """One change of a bid's state: who, when, from which state (None at the beginning), to which, why."""

    id: UUID
    bid_id: UUID
    company_id: UUID
    shipper_id: UUID
    from_status: BidStatus | None
    to_status: BidStatus
    actor_id: UUID | None
    reason: str | None
    created_at: datetime


class BidReads(Protocol):
    """The store filters by no company: PostgreSQL's row level security shows the rows that the tenant may see."""

    async def get(self, bid_id: UUID) -> BidRow | None:
        """One bid; None where it does not exist or is not visible to the tenant."""
        ...

    async def overdue_awards(self, now: datetime, limit: int, besides: Collection[UUID] = ()) -> list[UUID]:
        """Ids of awarded bids whose time to accept has passed, without those in `besides`, oldest first. Not locked."""
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


class BidStore(BidReads, Protocol):
    """The reads, and the commands, which need a transaction."""

    async def get(self, bid_id: UUID, *, lock: bool = False) -> BidRow | None:
        """One bid, or None. `lock` holds it (FOR NO KEY UPDATE) until the end of the transaction."""
        ...

    async def add(self, row: BidRow) -> bool:
        """Inserts a bid. False when the carrier has a live bid on this booking already."""
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
