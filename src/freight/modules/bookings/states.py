"""A booking's states, and the one way from one to the next."""

from dataclasses import replace
from uuid import UUID

from crossdock.errors import ChangedMeanwhile, WrongState
from crossdock.ids import new_id
from crossdock.transaction import Transaction
from freight.modules.bookings.events import BookingMoved
from freight.modules.bookings.store import BookingHistoryRow, BookingRow, BookingStatus, BookingStore

S = BookingStatus
NEXT: dict[BookingStatus, tuple[BookingStatus, ...]] = {
    S.DRAFT: (S.OPEN, S.CANCELLED),
    S.OPEN: (S.AWARDED, S.CANCELLED, S.EXPIRED),
    S.AWARDED: (S.COVERED, S.OPEN, S.CANCELLED),
    S.COVERED: (S.DELIVERED, S.OPEN),
    S.DELIVERED: (),
    S.CANCELLED: (),
    S.EXPIRED: (),
}
"""`covered` goes back to `open` only when its shipment is cancelled: the load still needs a carrier."""
KEEPS_AWARD = {S.AWARDED, S.COVERED, S.DELIVERED}


async def move(
    tx: Transaction,
    booking: BookingRow,
    to: BookingStatus,
    *,
    reason: str | None = None,
    award: tuple[UUID, UUID] | None = None,
) -> BookingRow:
    """Compare and swap, with its history row and its event, in the caller's transaction.

    `award` is (carrier's company id, bid id), given when it moves to awarded. Raises WrongState naming both states,
    ChangedMeanwhile.
    """
    if to not in NEXT[booking.status]:
        raise WrongState("booking", booking.status, to, tuple(NEXT[booking.status]))
    carrier_id, bid_id = award or (booking.carrier_id, booking.awarded_bid_id)
    now = tx.clock.now()
    moved = replace(
        booking,
        status=to,
        carrier_id=carrier_id if to in KEEPS_AWARD else None,
        awarded_bid_id=bid_id if to in KEEPS_AWARD else None,
        updated_at=now,
        version=booking.version + 1,
    )
    store = tx.store(BookingStore)
    if not await store.move(moved, from_status=booking.status):
        raise ChangedMeanwhile
    await store.add_history(
        [BookingHistoryRow(new_id(), booking.id, booking.company_id, booking.status, to, tx.actor_id, reason, now)]
    )
    tx.emit(BookingMoved(subject_id=booking.id, from_status=booking.status, to_status=to, reason=reason))
    return moved
