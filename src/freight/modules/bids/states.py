"""The states of a bid, and which of them may follow which."""

from datetime import datetime
from uuid import UUID

from crossdock.errors import ChangedMeanwhile
from crossdock.transaction import Transaction
from freight.modules.bids.events import BidMoved
from freight.modules.bids.store import BidHistoryRow, BidRow, BidStatus, BidStore
from freight.states import States, Step

S = BidStatus
FOLLOWING: dict[BidStatus, tuple[BidStatus, ...]] = {
    S.PENDING: (S.AWARDED, S.WITHDRAWN, S.REJECTED),
    S.AWARDED: (S.ACCEPTED, S.DECLINED, S.EXPIRED, S.REJECTED),
    S.ACCEPTED: (S.DECLINED,),
    S.DECLINED: (),
    S.WITHDRAWN: (),
    S.REJECTED: (),
    S.EXPIRED: (),
}
"""`awarded` becomes `rejected` when its booking is cancelled, `accepted` becomes `declined` when its shipment is."""


def _history(bid: BidRow, step: Step[BidStatus]) -> BidHistoryRow:
    return step.row(BidHistoryRow, bid_id=bid.id, company_id=bid.company_id, shipper_id=bid.shipper_id)


def _event(bid: BidRow, step: Step[BidStatus]) -> BidMoved:
    return step.event(BidMoved, subject_id=bid.id, booking_id=bid.booking_id)


STATES = States("bid", BidStore, FOLLOWING, _history, _event)


async def move(
    tx: Transaction,
    bid: BidRow,
    to: BidStatus,
    *,
    reason: str | None = None,
    award: tuple[UUID, datetime] | None = None,
) -> BidRow:
    """Moves a bid to its next state, with its history row and its event.

    `award` is (the hold's id, the end of the time to accept), and is given with a move to awarded. Both stay on the bid
    in every later state, so that one can see what became of the award. Raises WrongState, ChangedMeanwhile.
    """
    hold_id, award_expires_at = award or (bid.hold_id, bid.award_expires_at)
    return await STATES.move(tx, bid, to, reason=reason, hold_id=hold_id, award_expires_at=award_expires_at)


async def reject_pending(tx: Transaction, booking_id: UUID, *, reason: str | None) -> None:
    """Rejects every pending bid of a booking. Raises ChangedMeanwhile when one of them was withdrawn at the same time.

    The caller holds the booking's lock. Placing a bid takes that lock too, so no new bid can come in between.
    """
    store = tx.store(BidStore)
    pending = await store.pending_of(booking_id)  # locked in the order of their ids, after the booking
    if not pending:
        return
    if await store.reject([bid.id for bid in pending], tx.clock.now()) != len(pending):
        raise ChangedMeanwhile
    await STATES.record(tx, pending, S.REJECTED, reason)
