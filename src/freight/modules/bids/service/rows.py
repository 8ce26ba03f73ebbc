"""How a verb reaches the rows of a deal: first with the tenant's own eyes, then under lock, the booking first."""

from uuid import UUID

from crossdock.transaction import Transaction
from freight.modules.bids.store import BidRow, BidStore
from freight.modules.bookings import api as bookings
from freight.modules.bookings.api import Booking
from freight.rows import must_exist


async def seen_bid(tx: Transaction, bid_id: UUID, *, lock: bool = False) -> BidRow:
    """A bid that the tenant sees: its carrier or its booking's company. Raises NotFound."""
    return must_exist(await tx.store(BidStore).get(bid_id, lock=lock))


async def lock_deal(tx: Transaction, booking_id: UUID, bid_id: UUID) -> tuple[Booking, BidRow]:
    """Booking and bid as they are now, locked in that order to the end of the transaction. Inside `as_platform`.

    What was read before the locks may be old by now: a verb decides on these.
    """
    booking = await bookings.lock(tx, booking_id)
    return booking, await seen_bid(tx, bid_id, lock=True)
