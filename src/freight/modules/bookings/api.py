"""What other modules may do with bookings. Each function works in the caller's transaction, with the caller's rights.

A deal crosses two companies, so those who make one call these inside `tx.as_platform(...)`, after they have checked
with the tenant's own eyes. Whoever changes a deal locks its booking first: that one lock puts rivals in a queue.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from crossdock.tenancy import Tenant
from crossdock.transaction import Database, Transaction
from freight.modules.bookings.parties import NotTheCarrier, NotTheShipper, need_carrier, need_shipper
from freight.modules.bookings.published import BOOKING_FIELDS, BOOKINGS
from freight.modules.bookings.schemas import BookingOut
from freight.modules.bookings.service import own_booking
from freight.modules.bookings.states import move
from freight.modules.bookings.store import BookingRow as Booking
from freight.modules.bookings.store import BookingStatus, BookingStore
from freight.rows import must_exist

__all__ = [
    "BOOKINGS",
    "BOOKING_FIELDS",
    "Booking",
    "BookingOut",
    "BookingStatus",
    "NotTheCarrier",
    "NotTheShipper",
    "award",
    "cancel",
    "cover",
    "deliver",
    "expire",
    "get",
    "lock",
    "need_carrier",
    "need_shipper",
    "own_booking",
    "past_pickup",
    "reopen",
    "see",
]


async def see(database: Database, tenant: Tenant, booking_id: UUID) -> None:
    """Checks, before a read of what hangs on a booking, that the tenant sees it. Raises NotFound."""
    async with database.reading(tenant, BookingStore) as bookings:
        must_exist(await bookings.get(booking_id))


async def get(tx: Transaction, booking_id: UUID) -> Booking:
    """A booking that the caller sees. Raises NotFound."""
    return must_exist(await tx.store(BookingStore).get(booking_id))


async def lock(tx: Transaction, booking_id: UUID) -> Booking:
    """The same, locked to the end of the transaction. Needs the right to change it."""
    return must_exist(await tx.store(BookingStore).get(booking_id, lock=True))


async def award(tx: Transaction, booking: Booking, *, carrier_id: UUID, bid_id: UUID) -> Booking:
    """open → awarded. Raises WrongState."""
    return await move(tx, booking, BookingStatus.AWARDED, award=(carrier_id, bid_id))


async def cover(tx: Transaction, booking: Booking) -> Booking:
    """awarded → covered. Raises WrongState."""
    return await move(tx, booking, BookingStatus.COVERED)


async def reopen(tx: Transaction, booking: Booking, *, reason: str) -> Booking:
    """awarded or covered → open: the carrier is gone. Raises WrongState."""
    return await move(tx, booking, BookingStatus.OPEN, reason=reason)


async def deliver(tx: Transaction, booking: Booking) -> Booking:
    """covered → delivered. Raises WrongState."""
    return await move(tx, booking, BookingStatus.DELIVERED)


async def cancel(tx: Transaction, booking: Booking, *, reason: str | None) -> Booking:
    """draft, open or awarded → cancelled. The caller releases what an award held. Raises WrongState."""
    return await move(tx, booking, BookingStatus.CANCELLED, reason=reason)


async def expire(tx: Transaction, booking: Booking) -> Booking:
    """open → expired. Raises WrongState."""
    return await move(tx, booking, BookingStatus.EXPIRED, reason="nobody was awarded before the pickup time")


async def past_pickup(tx: Transaction, now: datetime, limit: int, besides: Collection[UUID]) -> list[Booking]:
    """Open bookings whose pickup time has passed, besides some, locked; at most `limit`."""
    return await tx.store(BookingStore).past_pickup(now, limit, besides)
