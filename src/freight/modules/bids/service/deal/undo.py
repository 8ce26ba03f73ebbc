"""Undoing a deal: the winner is gone, the money is free again, the load still needs a carrier."""

from crossdock.transaction import Transaction
from freight.modules.bids.states import move
from freight.modules.bids.store import BidRow, BidStatus
from freight.modules.bookings import api as bookings
from freight.modules.bookings.api import Booking
from freight.modules.ledger import api as ledger


async def undo_deal(tx: Transaction, booking: Booking, winner: BidRow, to: BidStatus, *, reason: str) -> BidRow:
    """The booking is open again, the winner moved to `to`, its hold resolved. The caller holds the locks of both."""
    await bookings.reopen(tx, booking, reason=reason)
    return await release(tx, winner, to, reason=reason)


async def release(tx: Transaction, winner: BidRow, to: BidStatus, *, reason: str | None) -> BidRow:
    """The winner moved to `to`, and what is held for it given back. Raises WrongState."""
    assert winner.hold_id is not None, "a bid that won has its hold"
    moved = await move(tx, winner, to, reason=reason)
    await ledger.void(tx, winner.hold_id, expired=to is BidStatus.EXPIRED)
    return moved
