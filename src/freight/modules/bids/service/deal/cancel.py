"""Cancelling a booking before it is covered, and a shipment before it is delivered. Both end the deal."""

from uuid import UUID

from crossdock.transaction import Transaction
from freight.modules.accounts.api import Caller, Role
from freight.modules.bids.service.deal.lock import lock_deal
from freight.modules.bids.service.deal.undo import release, undo_deal
from freight.modules.bids.service.offers import get_bid
from freight.modules.bids.states import reject_pending
from freight.modules.bids.store import BidStatus
from freight.modules.bookings import api as bookings
from freight.modules.bookings.api import Booking
from freight.modules.shipments import api as shipments


async def cancel_booking(tx: Transaction, caller: Caller, booking_id: UUID, *, reason: str | None) -> Booking:
    """draft, open or awarded → cancelled: all of its bids are rejected, and a held amount is given back.

    Raises NotFound, NotTheShipper, RoleTooLow, WrongState.
    """
    booking = await bookings.own_booking(tx, caller, booking_id)
    caller.need(Role.MANAGER)
    async with tx.as_platform("cancelling a booking rejects the carriers' bids"):
        # `own_booking` has locked the booking, so no bid comes in and no award is made until the commit.
        cancelled = await bookings.cancel(tx, booking, reason=reason)
        bids_reason = reason or "the booking was cancelled"
        await reject_pending(tx, booking.id, reason=bids_reason)
        if booking.awarded_bid_id is not None:
            winner = await get_bid(tx, booking.awarded_bid_id, lock=True)
            await release(tx, winner, BidStatus.REJECTED, reason=bids_reason)
        return cancelled


async def cancel_shipment(tx: Transaction, caller: Caller, shipment_id: UUID, *, reason: str) -> None:
    """Either party ends a shipment before its delivery: the bid is declined, the booking open again, the hold voided.

    Raises NotFound, RoleTooLow, WrongState.
    """
    shipment = await shipments.get(tx, shipment_id)
    caller.need(Role.MANAGER)
    async with tx.as_platform("cancelling a shipment undoes the deal of both parties"):
        booking, bid = await lock_deal(tx, shipment.booking_id, shipment.bid_id)
        await shipments.cancel(tx, shipment.id, reason=reason)
        await undo_deal(tx, booking, bid, BidStatus.DECLINED, reason=reason)
