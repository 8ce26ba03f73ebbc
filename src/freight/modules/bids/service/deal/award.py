"""The deal: the shipper awards a bid and the ledger holds its amount; the carrier accepts or declines."""

from datetime import timedelta
from uuid import UUID

from crossdock.errors import Conflict, WrongState
from crossdock.transaction import Transaction
from freight.modules.accounts.api import Caller, Role
from freight.modules.bids.config import BidsSettings
from freight.modules.bids.service.deal.lock import lock_deal
from freight.modules.bids.service.deal.undo import undo_deal
from freight.modules.bids.service.offers import get_bid, need_time
from freight.modules.bids.states import STATES, move, reject_pending
from freight.modules.bids.store import BidRow, BidStatus
from freight.modules.bookings import api as bookings
from freight.modules.ledger import api as ledger
from freight.modules.shipments import api as shipments


class AwardExpired(Conflict):
    """The time to accept the award is over.

    The booking is open again: place another bid.
    """


async def award_bid(tx: Transaction, caller: Caller, bid_id: UUID) -> BidRow:
    """The shipper takes a bid: it and its booking become awarded, its amount is held; the other bids stay pending.

    Raises NotFound, NotTheShipper, RoleTooLow, WrongState, BiddingClosed, InsufficientFunds.
    """
    bid = await get_bid(tx, bid_id)
    bookings.need_shipper(caller, bid.shipper_id)
    caller.need(Role.MANAGER)
    async with tx.as_platform("an award changes the carrier's bid and the books"):
        booking, bid = await lock_deal(tx, bid.booking_id, bid.id)
        STATES.check(bid, BidStatus.AWARDED)
        need_time(tx, booking)
        await bookings.award(tx, booking, carrier_id=bid.company_id, bid_id=bid.id)
        # The hold itself has no end: once the award is accepted, it lasts until the delivery is.
        hold_id = await ledger.hold(
            tx, company_id=bid.shipper_id, amount=bid.amount, reference=f"hold:{bid.id}", subject_id=booking.id
        )
        expires_at = tx.clock.now() + timedelta(seconds=tx.settings(BidsSettings).award_ttl_s)
        return await move(tx, bid, BidStatus.AWARDED, award=(hold_id, expires_at))


async def accept_bid(tx: Transaction, caller: Caller, bid_id: UUID) -> tuple[BidRow, UUID]:
    """The carrier takes the load: the booking is covered, the other bids are rejected, a shipment is planned.

    Returns the bid and the shipment's id. Raises NotFound, NotTheCarrier, RoleTooLow, WrongState, AwardExpired.
    """
    bid = await _carriers_bid(tx, caller, bid_id)
    async with tx.as_platform("an acceptance changes the shipper's booking and the rivals' bids"):
        booking, bid = await lock_deal(tx, bid.booking_id, bid.id)
        STATES.check(bid, BidStatus.ACCEPTED)
        assert bid.hold_id and bid.award_expires_at, "an awarded bid has its hold and its end"
        if bid.award_expires_at <= tx.clock.now():
            raise AwardExpired
        await bookings.cover(tx, booking)
        accepted = await move(tx, bid, BidStatus.ACCEPTED)
        await reject_pending(tx, booking.id, reason="another bid was accepted")
        shipment = await shipments.plan(
            tx,
            booking_id=booking.id,
            bid_id=bid.id,
            shipper_id=bid.shipper_id,
            carrier_id=bid.company_id,
            amount=bid.amount,
            hold_id=bid.hold_id,
        )
        return accepted, shipment.id


async def decline_bid(tx: Transaction, caller: Caller, bid_id: UUID) -> BidRow:
    """The carrier does not take the load: the hold is voided, the booking is open again.

    Raises NotFound, NotTheCarrier, RoleTooLow, WrongState.
    """
    bid = await _carriers_bid(tx, caller, bid_id)
    async with tx.as_platform("a refusal changes the shipper's booking and the books"):
        booking, bid = await lock_deal(tx, bid.booking_id, bid.id)
        # An accepted bid may become declined too, but only with its shipment: by cancelling that.
        if bid.status is not BidStatus.AWARDED:
            raise WrongState("bid", bid.status, BidStatus.DECLINED)
        return await undo_deal(tx, booking, bid, BidStatus.DECLINED, reason="the carrier declined the award")


async def _carriers_bid(tx: Transaction, caller: Caller, bid_id: UUID) -> BidRow:
    bid = await get_bid(tx, bid_id)
    bookings.need_carrier(caller, bid.company_id)
    caller.need(Role.MANAGER)
    return bid
