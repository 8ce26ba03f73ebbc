"""A carrier places a bid on an open booking, and may withdraw it until it is awarded."""

from datetime import datetime
from uuid import UUID

from crossdock.clock import SKEW
from crossdock.errors import Conflict, Invalid
from crossdock.ids import new_id
from crossdock.transaction import Transaction
from freight.modules.accounts.api import Caller
from freight.modules.bids.events import BidPlaced
from freight.modules.bids.states import STATES, move
from freight.modules.bids.store import BidRow, BidStatus, BidStore
from freight.modules.bookings import api as bookings
from freight.modules.bookings.api import Booking, BookingStatus
from freight.money import Money
from freight.rows import must_exist


class BiddingClosed(Conflict):
    """The booking takes no bids, or no award any more.

    Look for another one: `GET /v1/bookings?status=open`.
    """


class BidExists(Conflict):
    """Your company has a bid on this booking already: withdraw it to place another.

    Withdraw the one that is pending. An awarded one is yours to accept or to decline.
    """


class BidOnOwnBooking(Invalid):
    """A company does not bid on its own booking.

    Bid on another company's booking.
    """


class BidOverCeiling(Invalid):
    """The bid is over the booking's price ceiling.

    Bid at most the booking's `price_ceiling`.
    """


class CurrencyMismatch(Invalid):
    """The bid is in another currency than the booking's price ceiling.

    Bid in the currency of the booking's `price_ceiling`.
    """


class EtaInThePast(Invalid):
    """The truck must arrive at the pickup in the future, or be there now.

    Send a time that is still to come, or none: then it is when the load is ready.
    """


class EtaAfterDelivery(Invalid):
    """The truck must arrive at the pickup before the load is due.

    Send a time before the booking's `dropoff.due_at`, or none: then it is when the load is ready.
    """


async def get_bid(tx: Transaction, bid_id: UUID, *, lock: bool = False) -> BidRow:
    """A bid, which its carrier and its booking's company see. `lock` holds it to the end of the transaction.

    Raises NotFound.
    """
    return must_exist(await tx.store(BidStore).get(bid_id, lock=lock))


async def place_bid(
    tx: Transaction, caller: Caller, booking_id: UUID, *, amount: Money, pickup_eta: datetime | None
) -> BidRow:
    """Adds a pending bid. Without `pickup_eta` the truck arrives when the load is ready.

    Raises NotACarrier, NotFound, BiddingClosed, BidExists, and an Invalid for each rule above.
    """
    caller.need_carrier()
    await bookings.get(tx, booking_id)  # with the tenant's rights: NotFound for a booking that the carrier may not see
    async with tx.as_platform("the shipper's booking is locked while a bid comes in"):
        # Held to the commit, so that no award, cancellation or expiry comes between these checks and the new bid.
        booking = await bookings.lock(tx, booking_id)
    pickup_eta = pickup_eta or booking.pickup.ready_at
    _check_bid(tx, caller, booking, amount, pickup_eta)
    now = tx.clock.now()
    bid = BidRow(
        id=new_id(),
        booking_id=booking.id,
        company_id=caller.company_id,
        shipper_id=booking.company_id,
        status=BidStatus.PENDING,
        amount=amount,
        pickup_eta=pickup_eta,
        award_expires_at=None,
        hold_id=None,
        created_at=now,
        updated_at=now,
        version=1,
    )
    await _add(tx, bid)
    return bid


async def _add(tx: Transaction, bid: BidRow) -> None:
    if not await tx.store(BidStore).add(bid):
        raise BidExists
    await STATES.begin(tx, bid)
    tx.emit(BidPlaced(subject_id=bid.id, booking_id=bid.booking_id, amount=bid.amount, pickup_eta=bid.pickup_eta))


def _check_bid(tx: Transaction, caller: Caller, booking: Booking, amount: Money, pickup_eta: datetime) -> None:
    if booking.company_id == caller.company_id:
        raise BidOnOwnBooking
    if booking.status is not BookingStatus.OPEN:
        raise BiddingClosed(f"The booking takes no bids: it is {booking.status}.", current=booking.status)
    check_pickup_ahead(tx, booking)
    if amount.currency != booking.price_ceiling.currency:
        raise CurrencyMismatch(field="body.amount.currency")
    if amount.amount_minor > booking.price_ceiling.amount_minor:
        raise BidOverCeiling(
            f"The bid is over the ceiling of {booking.price_ceiling}.", field="body.amount.amount_minor"
        )
    if pickup_eta < tx.clock.now() - SKEW:
        raise EtaInThePast(field="body.pickup_eta")
    if pickup_eta >= booking.dropoff.due_at:
        raise EtaAfterDelivery(field="body.pickup_eta")


def check_pickup_ahead(tx: Transaction, booking: Booking) -> None:
    """Raises BiddingClosed from the pickup time on, also in the seconds before the job marks the booking as expired."""
    if booking.pickup.ready_at <= tx.clock.now():
        raise BiddingClosed("The booking takes no bids and no award: its pickup time has passed.")


async def withdraw_bid(tx: Transaction, caller: Caller, bid_id: UUID) -> BidRow:
    """pending → withdrawn. Raises NotFound, NotTheCarrier, WrongState once awarded.

    The bid's lock is enough, without the booking's: an award locks the bid too before it decides, so one of the two
    waits for the other and then finds a state that refuses it.
    """
    bid = await get_bid(tx, bid_id, lock=True)
    bookings.need_carrier(caller, bid.company_id)
    return await move(tx, bid, BidStatus.WITHDRAWN)
