"""What the clock ends: an award that nobody accepted, a booking that nobody was awarded in time."""

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
    """Ends an award whose time is over: hold expired, booking open again. False when it is over by other means already.

    Runs as the platform.
    """
    seen = await get_bid(tx, bid_id)
    booking, bid = await lock_deal(tx, seen.booking_id, bid_id)
    if bid.status is not BidStatus.AWARDED or bid.award_expires_at is None or bid.award_expires_at > tx.clock.now():
        return False
    await undo_deal(tx, booking, bid, BidStatus.EXPIRED, reason="the award was not accepted in time")
    return True


async def expire_booking(tx: Transaction, booking_id: UUID) -> bool:
    """Expires an open booking whose pickup time has passed, with its bids. False when somebody else was faster.

    Runs as the platform.
    """
    booking = await bookings.lock(tx, booking_id)
    if booking.status is not BookingStatus.OPEN or booking.pickup.ready_at > tx.clock.now():
        return False
    await bookings.expire(tx, booking)
    await reject_pending(tx, booking.id, reason="the booking expired")
    return True
