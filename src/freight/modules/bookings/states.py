"""The states of a booking, and which of them may follow which."""

from uuid import UUID

from crossdock.transaction import Transaction
from freight.modules.bookings.events import BookingMoved
from freight.modules.bookings.store import BookingHistoryRow, BookingRow, BookingStatus, BookingStore
from freight.states import States, Step

S = BookingStatus
FOLLOWING: dict[BookingStatus, tuple[BookingStatus, ...]] = {
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
"""The states in which a booking names its carrier and the awarded bid. A move to any other state empties both."""


def _history(booking: BookingRow, step: Step[BookingStatus]) -> BookingHistoryRow:
    return step.row(BookingHistoryRow, booking_id=booking.id, company_id=booking.company_id)


def _event(booking: BookingRow, step: Step[BookingStatus]) -> BookingMoved:
    return step.event(BookingMoved, subject_id=booking.id)


STATES = States("booking", BookingStore, FOLLOWING, _history, _event)


async def move(
    tx: Transaction,
    booking: BookingRow,
    to: BookingStatus,
    *,
    reason: str | None = None,
    award: tuple[UUID, UUID] | None = None,
) -> BookingRow:
    """Moves a booking to its next state, with its history row and its event.

    `award` is (the carrier's company id, the bid's id), and is given with a move to awarded. Raises WrongState,
    ChangedMeanwhile.
    """
    carrier_id, bid_id = award or (booking.carrier_id, booking.awarded_bid_id)
    keeps = to in KEEPS_AWARD
    return await STATES.move(
        tx,
        booking,
        to,
        reason=reason,
        carrier_id=carrier_id if keeps else None,
        awarded_bid_id=bid_id if keeps else None,
    )
