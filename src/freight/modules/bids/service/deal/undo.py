"""Undoing a deal: the awarded bid ends, its held amount is released, and the booking may be open again."""

from crossdock.transaction import Transaction
from freight.modules.bids.states import move
from freight.modules.bids.store import BidRow, BidStatus
from freight.modules.bookings import api as bookings
from freight.modules.bookings.api import Booking
from freight.modules.ledger import api as ledger


async def undo_deal(tx: Transaction, booking: Booking, winner: BidRow, to: BidStatus, *, reason: str) -> BidRow:
    """Opens the booking again, moves the winning bid to `to` and releases its hold. The caller has locked both rows."""
    await bookings.reopen(tx, booking, reason=reason)
    return await release(tx, winner, to, reason=reason)


async def release(tx: Transaction, winner: BidRow, to: BidStatus, *, reason: str | None) -> BidRow:
    """Moves the winning bid to `to`, and gives the held amount back to the shipper. Raises WrongState."""
    assert winner.hold_id is not None, "an awarded bid has a hold"
    moved = await move(tx, winner, to, reason=reason)
    # Last, because it locks ledger accounts: they come after the booking and the bid.
    await ledger.void(tx, winner.hold_id, expired=to is BidStatus.EXPIRED)
    return moved
