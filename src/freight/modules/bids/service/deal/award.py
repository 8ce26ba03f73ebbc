"""The award: the shipper picks a bid, the ledger holds its amount, and the carrier accepts or declines."""

from datetime import timedelta
from uuid import UUID

from crossdock.errors import Conflict, WrongState
from crossdock.transaction import Transaction
from freight.modules.accounts.api import Caller, Role
from freight.modules.bids.config import BidsSettings
from freight.modules.bids.service.deal.lock import lock_deal
from freight.modules.bids.service.deal.undo import undo_deal
from freight.modules.bids.service.offers import check_pickup_ahead, get_bid
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
    """The shipper picks a bid: the bid and its booking become awarded, and the ledger holds the bid's amount.

    The other bids stay pending until the carrier accepts, so that the booking can go back to open with them. All of it
    commits together when the route's transaction ends. Raises NotFound, NotTheShipper, RoleTooLow, WrongState,
    BiddingClosed, InsufficientFunds.
    """
    bid = await get_bid(tx, bid_id)  # with the tenant's rights: NotFound for a bid that the caller may not see
    bookings.need_shipper(caller, bid.shipper_id)
    caller.need(Role.MANAGER)
    async with tx.as_platform("an award changes the carrier's bid and the books"):
        # From here to the commit nobody else can award, withdraw or cancel: both rows are locked, the booking first.
        booking, bid = await lock_deal(tx, bid.booking_id, bid.id)
        # Checked before anything is written, so that the error is about the bid's state and not about the booking's.
        STATES.check(bid, BidStatus.AWARDED)
        check_pickup_ahead(tx, booking)
        await bookings.award(tx, booking, carrier_id=bid.company_id, bid_id=bid.id)
        # Ledger accounts are locked last, in every verb: two verbs that took locks in different orders could deadlock.
        # The hold has no end of its own: once the award is accepted, it lasts until the delivery is accepted.
        hold_id = await ledger.hold(
            tx, company_id=bid.shipper_id, amount=bid.amount, reference=f"hold:{bid.id}", subject_id=booking.id
        )
        expires_at = tx.clock.now() + timedelta(seconds=tx.settings(BidsSettings).award_ttl_s)
        return await move(tx, bid, BidStatus.AWARDED, award=(hold_id, expires_at))


async def accept_bid(tx: Transaction, caller: Caller, bid_id: UUID) -> tuple[BidRow, UUID]:
    """The carrier accepts: the booking is covered, the other bids are rejected, and a shipment is planned.

    Returns the bid and the shipment's id. Raises NotFound, NotTheCarrier, RoleTooLow, WrongState, AwardExpired.
    """
    bid = await _carriers_bid(tx, caller, bid_id)
    async with tx.as_platform("an acceptance changes the shipper's booking and the rivals' bids"):
        booking, bid = await lock_deal(tx, bid.booking_id, bid.id)
        STATES.check(bid, BidStatus.ACCEPTED)
        # The clock decides, not the job that writes `expired` some seconds later.
        assert bid.hold_id and bid.award_expires_at, "an awarded bid has a hold and a time limit"
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
    """The carrier declines: the hold is voided, and the booking is open again.

    Raises NotFound, NotTheCarrier, RoleTooLow, WrongState.
    """
    bid = await _carriers_bid(tx, caller, bid_id)
    async with tx.as_platform("a refusal changes the shipper's booking and the books"):
        booking, bid = await lock_deal(tx, bid.booking_id, bid.id)
        # The table of states allows accepted → declined too, but only cancel_shipment may do that.
        if bid.status is not BidStatus.AWARDED:
            raise WrongState("bid", bid.status, BidStatus.DECLINED)
        return await undo_deal(tx, booking, bid, BidStatus.DECLINED, reason="the carrier declined the award")


async def _carriers_bid(tx: Transaction, caller: Caller, bid_id: UUID) -> BidRow:
    """The bid, not locked yet, for a manager of its carrier."""
    bid = await get_bid(tx, bid_id)
    bookings.need_carrier(caller, bid.company_id)
    caller.need(Role.MANAGER)
    return bid
