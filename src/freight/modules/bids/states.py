"""A bid's states, and the one way from one to the next."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from crossdock.errors import ChangedMeanwhile, WrongState
from crossdock.ids import new_id
from crossdock.transaction import Transaction
from freight.modules.bids.events import BidMoved
from freight.modules.bids.store import BidHistoryRow, BidRow, BidStatus, BidStore

S = BidStatus
NEXT: dict[BidStatus, tuple[BidStatus, ...]] = {
    S.PENDING: (S.AWARDED, S.WITHDRAWN, S.REJECTED),
    S.AWARDED: (S.ACCEPTED, S.DECLINED, S.EXPIRED, S.REJECTED),
    S.ACCEPTED: (S.DECLINED,),
    S.DECLINED: (),
    S.WITHDRAWN: (),
    S.REJECTED: (),
    S.EXPIRED: (),
}
"""`awarded` becomes `rejected` when its booking is cancelled, `accepted` becomes `declined` when its shipment is."""


def need_next(bid: BidRow, to: BidStatus) -> None:
    """Raises WrongState, naming both states, for a step that the table does not have."""
    if to not in NEXT[bid.status]:
        raise WrongState("bid", bid.status, to, tuple(NEXT[bid.status]))


async def move(
    tx: Transaction,
    bid: BidRow,
    to: BidStatus,
    *,
    reason: str | None = None,
    award: tuple[UUID, datetime] | None = None,
) -> BidRow:
    """Compare and swap, with its history row and its event, in the caller's transaction.

    `award` is (the hold's id, the end of the time to accept), given when it moves to awarded; both stay on the bid ever
    after, for whoever asks what became of them. Raises WrongState naming both states, ChangedMeanwhile.
    """
    need_next(bid, to)
    hold_id, award_expires_at = award or (bid.hold_id, bid.award_expires_at)
    moved = replace(
        bid,
        status=to,
        hold_id=hold_id,
        award_expires_at=award_expires_at,
        updated_at=tx.clock.now(),
        version=bid.version + 1,
    )
    if not await tx.store(BidStore).move(moved, from_status=bid.status):
        raise ChangedMeanwhile
    await _tell(tx, [bid], to, reason)
    return moved


async def reject_pending(tx: Transaction, booking_id: UUID, *, reason: str | None) -> None:
    """Rejects every pending bid of a booking whose lock the caller holds: with it, no new one can come in between.

    Raises ChangedMeanwhile when one of them was withdrawn at the same moment.
    """
    store = tx.store(BidStore)
    pending = await store.pending_of(booking_id)
    if not pending:
        return
    if await store.reject([bid.id for bid in pending], tx.clock.now()) != len(pending):
        raise ChangedMeanwhile
    await _tell(tx, pending, S.REJECTED, reason)


async def _tell(tx: Transaction, bids: list[BidRow], to: BidStatus, reason: str | None) -> None:
    """History and outbox of bids that moved; the rows are as they were before."""
    now = tx.clock.now()
    await tx.store(BidStore).add_history(
        [
            BidHistoryRow(new_id(), bid.id, bid.company_id, bid.shipper_id, bid.status, to, tx.actor_id, reason, now)
            for bid in bids
        ]
    )
    for bid in bids:
        tx.emit(
            BidMoved(subject_id=bid.id, booking_id=bid.booking_id, from_status=bid.status, to_status=to, reason=reason)
        )
