"""Locking the two rows that every step of a deal changes: the booking first, then the bid."""

from uuid import UUID

from crossdock.transaction import Transaction
from freight.modules.bids.service.offers import get_bid
from freight.modules.bids.store import BidRow
from freight.modules.bookings import api as bookings
from freight.modules.bookings.api import Booking


async def lock_deal(tx: Transaction, booking_id: UUID, bid_id: UUID) -> tuple[Booking, BidRow]:
    """The booking and the bid as they are now, locked until the end of the transaction. Call it inside `as_platform`.

    Anything read before this call may have changed since. Decide on the rows that it returns.
    """
    # Everyone locks the booking first, so two steps of one deal wait for each other and cannot deadlock.
    booking = await bookings.lock(tx, booking_id)
    return booking, await get_bid(tx, bid_id, lock=True)
