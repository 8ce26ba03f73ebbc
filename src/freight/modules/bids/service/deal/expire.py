"""What ends by time: an award that was not accepted, and a booking without an award at its pickup time."""

from uuid import UUID

from crossdock.transaction import Transaction
from freight.modules.bids.service.deal.lock import lock_deal
from freight.modules.bids.service.deal.undo import undo_deal
from freight.modules.bids.service.offers import get_bid
from freight.modules.bids.states import reject_pending
from freight.modules.bids.store import BidStatus
from freight.modules.bookings import api as bookings
from freight.modules.bookings.api import BookingStatus


async def expire_award(tx: Transaction, bid_id: UUID) -> bool:
    """Ends an award whose time is over: the hold expires, and the booking is open again.

    False where it is no longer awarded, or not overdue. Call it in the platform's scope.
    """
    seen = await get_bid(tx, bid_id)
    booking, bid = await lock_deal(tx, seen.booking_id, bid_id)
    # Asked again under the locks: the carrier may have accepted since the job found the bid.
    if bid.status is not BidStatus.AWARDED or bid.award_expires_at is None or bid.award_expires_at > tx.clock.now():
        return False
    await undo_deal(tx, booking, bid, BidStatus.EXPIRED, reason="the award was not accepted in time")
    return True


async def expire_booking(tx: Transaction, booking_id: UUID) -> bool:
    """Expires an open booking whose pickup time has passed, and rejects its bids.

    False where it is no longer open, as when another worker was faster. Call it in the platform's scope.
    """
    booking = await bookings.lock(tx, booking_id)
    if booking.status is not BookingStatus.OPEN or booking.pickup.ready_at > tx.clock.now():
        return False
    await bookings.expire(tx, booking)
    await reject_pending(tx, booking.id, reason="the booking expired")
    return True
