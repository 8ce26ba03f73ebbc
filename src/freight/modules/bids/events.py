"""The events of bids, which are written to the outbox."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from crossdock.events import Event
from freight.modules.bids.store import BidStatus
from freight.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class BidPlaced(Event):
    type: ClassVar[str] = "bids.placed"
    booking_id: UUID
    amount: Money
    pickup_eta: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BidMoved(Event):
    """A bid changed its state: the same facts as one row of its history."""

    type: ClassVar[str] = "bids.moved"
    booking_id: UUID
    from_status: BidStatus
    to_status: BidStatus
    reason: str | None
