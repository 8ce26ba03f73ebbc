"""What other modules may call of bookings. Each function works in the caller's transaction, with the caller's rights.

A deal belongs to two companies. A verb that changes one first checks what the tenant itself may see and do, and then
calls these functions inside `tx.as_platform(...)`. It locks the booking before anything else of the deal, so that two
changes of one deal run one after the other.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from crossdock.transaction import Database, Transaction
from freight.modules.bookings.parties import NotTheCarrier, NotTheShipper, need_carrier, need_shipper
from freight.modules.bookings.published import BOOKING_FIELDS, BOOKINGS
from freight.modules.bookings.schemas import BookingOut
from freight.modules.bookings.service import own_booking
from freight.modules.bookings.states import move
from freight.modules.bookings.store import BookingReads, BookingStatus, BookingStore
from freight.modules.bookings.store import BookingRow as Booking
from freight.rows import must_exist
from freight.tenancy import CompanyScope

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


async def see(database: Database, tenant: CompanyScope, booking_id: UUID) -> None:
    """Raises NotFound where the tenant does not see the booking. For routes that read what belongs to a booking."""
    async with database.reading(tenant, BookingReads) as bookings:
        must_exist(await bookings.get(booking_id))


async def get(tx: Transaction, booking_id: UUID) -> Booking:
    """A booking that the caller sees. Raises NotFound."""
    return must_exist(await tx.store(BookingStore).get(booking_id))


async def lock(tx: Transaction, booking_id: UUID) -> Booking:
    """A booking, locked until the end of the transaction. Raises NotFound, also without the right to change it."""
    return must_exist(await tx.store(BookingStore).get(booking_id, lock=True))


async def award(tx: Transaction, booking: Booking, *, carrier_id: UUID, bid_id: UUID) -> Booking:
    """open → awarded. Raises WrongState."""
    return await move(tx, booking, BookingStatus.AWARDED, award=(carrier_id, bid_id))


async def cover(tx: Transaction, booking: Booking) -> Booking:
    """awarded → covered. Raises WrongState."""
    return await move(tx, booking, BookingStatus.COVERED)


async def reopen(tx: Transaction, booking: Booking, *, reason: str) -> Booking:
    """awarded or covered → open: the booking has no carrier any more. Raises WrongState."""
    return await move(tx, booking, BookingStatus.OPEN, reason=reason)


async def deliver(tx: Transaction, booking: Booking) -> Booking:
    """covered → delivered. Raises WrongState."""
    return await move(tx, booking, BookingStatus.DELIVERED)


async def cancel(tx: Transaction, booking: Booking, *, reason: str | None) -> Booking:
    """draft, open or awarded → cancelled. The caller ends the bids and releases the hold. Raises WrongState."""
    return await move(tx, booking, BookingStatus.CANCELLED, reason=reason)


async def expire(tx: Transaction, booking: Booking) -> Booking:
    """open → expired. Raises WrongState."""
    return await move(tx, booking, BookingStatus.EXPIRED, reason="nobody was awarded before the pickup time")


async def past_pickup(tx: Transaction, now: datetime, limit: int, besides: Collection[UUID]) -> list[Booking]:
    """Open bookings whose pickup time has passed, without those in `besides`; locked, at most `limit`."""
    return await tx.store(BookingStore).past_pickup(now, limit, besides)
