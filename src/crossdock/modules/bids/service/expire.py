"""What the clock ends: an award that nobody accepted, a booking that nobody was awarded in time."""

from uuid import UUID

from crossdock.kernel.transaction import Transaction
from crossdock.modules.bids.service.rows import lock_deal, seen_bid
from crossdock.modules.bids.service.undo import undo_deal
from crossdock.modules.bids.states import reject_pending
from crossdock.modules.bids.store import BidStatus
from crossdock.modules.bookings import api as bookings


async def expire_award(tx: Transaction, bid_id: UUID) -> bool:
    """Ends an award whose time is over: hold expired, booking open again. False when it is over by other means already.

    Runs as the platform.
    """
    seen = await seen_bid(tx, bid_id)
    booking, bid = await lock_deal(tx, seen.booking_id, bid_id)
    if bid.status is not BidStatus.AWARDED or bid.award_expires_at is None or bid.award_expires_at > tx.clock.now():
        return False
    await undo_deal(tx, booking, bid, BidStatus.EXPIRED, reason="the award was not accepted in time")
    return True


async def expire_next_booking(tx: Transaction) -> bool:
    """Expires the open booking whose pickup time is longest past, with its bids. False when there is none.

    Runs as the platform. A booking that somebody is changing right now is left for the next round.
    """
    for booking in await bookings.past_pickup(tx, tx.clock.now(), limit=1):
        await bookings.expire(tx, booking)
        await reject_pending(tx, booking.id, reason="the booking expired")
        return True
    return False
