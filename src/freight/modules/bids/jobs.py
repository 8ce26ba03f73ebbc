"""The timers of bids, which run in every worker. Each bid or booking has a transaction of its own."""

from collections.abc import Collection
from functools import partial
from uuid import UUID

from crossdock.jobs import one_by_one
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from freight.modules.bids.service import expire_award, expire_booking
from freight.modules.bids.store import BidReads
from freight.modules.bookings import api as bookings

BATCH_MAX = 100
"""How many ids one query finds."""


async def expire_awards(database: Database) -> int:
    """Ends awards that were not accepted in time. Returns how many. One that fails does not stop the others."""

    async def overdue(besides: Collection[UUID]) -> list[UUID]:
        async with database.reading(Platform("find overdue awards"), BidReads) as bids:
            return await bids.overdue_awards(database.clock.now(), BATCH_MAX, besides)

    return await one_by_one("expire an award", overdue, partial(_expire_award, database))


async def _expire_award(database: Database, bid_id: UUID) -> bool:
    async with database.transaction(Platform("expire an award")) as tx:
        return await expire_award(tx, bid_id)


async def expire_bookings(database: Database) -> int:
    """Ends open bookings whose pickup time has passed. Returns how many.

    The next round takes those that are locked by somebody else now.
    """

    async def due(besides: Collection[UUID]) -> list[UUID]:
        async with database.transaction(Platform("find bookings past their pickup")) as tx:
            return [booking.id for booking in await bookings.past_pickup(tx, tx.clock.now(), BATCH_MAX, besides)]

    return await one_by_one("expire a booking", due, partial(_expire_booking, database))


async def _expire_booking(database: Database, booking_id: UUID) -> bool:
    async with database.transaction(Platform("expire a booking")) as tx:
        return await expire_booking(tx, booking_id)
