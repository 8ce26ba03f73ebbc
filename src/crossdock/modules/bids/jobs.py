"""What bids does by itself, in every worker. Each step is its own transaction: one that fails takes no other along."""

from uuid import UUID

import structlog

from crossdock.kernel.errors import CrossdockError
from crossdock.kernel.tenancy import Platform
from crossdock.kernel.transaction import Database
from crossdock.modules.bids.service import expire_award, expire_next_booking
from crossdock.modules.bids.store import BidStore

log = structlog.get_logger(__name__)

BATCH_MAX = 100
"""At most so many transactions a run: what is left waits for the next one, and a worker that stops is not held up."""


async def expire_awards(database: Database) -> int:
    """Ends awards that were not accepted in time. Returns how many."""
    async with database.reading(Platform("find overdue awards"), BidStore) as bids:
        overdue = await bids.overdue_awards(database.clock.now(), BATCH_MAX)
    return sum([await _expire(database, bid_id) for bid_id in overdue])


async def _expire(database: Database, bid_id: UUID) -> bool:
    try:
        async with database.transaction(Platform("expire an award")) as tx:
            return await expire_award(tx, bid_id)
    except CrossdockError as error:  # such as Busy: the others still get their turn, this one the next
        log.warning("award_not_expired", bid_id=str(bid_id), code=error.code, error=str(error))
        return False


async def expire_bookings(database: Database) -> int:
    """Ends open bookings whose pickup time has passed. Returns how many."""
    for done in range(BATCH_MAX):
        async with database.transaction(Platform("expire a booking")) as tx:
            if not await expire_next_booking(tx):
                return done
    return BATCH_MAX
