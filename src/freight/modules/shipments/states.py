"""A shipment's states, and the one way from one to the next."""

from dataclasses import replace
from datetime import datetime

from crossdock.errors import ChangedMeanwhile, WrongState
from crossdock.ids import new_id
from crossdock.transaction import Transaction
from freight.modules.shipments.events import ShipmentMoved
from freight.modules.shipments.store import (
    EventType,
    ShipmentHistoryRow,
    ShipmentRow,
    ShipmentStatus,
    ShipmentStore,
)

S = ShipmentStatus
NEXT: dict[ShipmentStatus, tuple[ShipmentStatus, ...]] = {
    S.PLANNED: (S.AT_PICKUP, S.CANCELLED),
    S.AT_PICKUP: (S.IN_TRANSIT, S.CANCELLED),
    S.IN_TRANSIT: (S.AT_DROPOFF, S.CANCELLED),
    S.AT_DROPOFF: (S.DELIVERED, S.CANCELLED),
    S.DELIVERED: (S.CLOSED,),
    S.CLOSED: (),
    S.CANCELLED: (),
}
STEPS = {
    EventType.ARRIVED_AT_PICKUP: S.AT_PICKUP,
    EventType.DEPARTED_PICKUP: S.IN_TRANSIT,
    EventType.ARRIVED_AT_DROPOFF: S.AT_DROPOFF,
}
"""The events that move a shipment, and where to. The others happen beside its journey."""
OVER = {S.CLOSED, S.CANCELLED}


def need_next(shipment: ShipmentRow, to: ShipmentStatus) -> None:
    """Raises WrongState, naming both states and the allowed ones, for a step that the table does not have."""
    if to not in NEXT[shipment.status]:
        raise WrongState("shipment", shipment.status, to, tuple(NEXT[shipment.status]))


async def move(
    tx: Transaction,
    shipment: ShipmentRow,
    to: ShipmentStatus,
    *,
    reason: str | None = None,
    event_at: datetime | None = None,
) -> ShipmentRow:
    """Compare and swap, with its history row and its event, in the caller's transaction.

    `event_at` is when the event that moves it occurred. Raises WrongState naming both states and the allowed ones,
    ChangedMeanwhile.
    """
    need_next(shipment, to)
    now = tx.clock.now()
    moved = replace(
        shipment,
        status=to,
        last_event_at=event_at or shipment.last_event_at,
        updated_at=now,
        version=shipment.version + 1,
    )
    store = tx.store(ShipmentStore)
    if not await store.move(moved, from_status=shipment.status):
        raise ChangedMeanwhile
    await store.add_history([_history(tx, shipment, moved, reason, now)])
    tx.emit(
        ShipmentMoved(
            subject_id=shipment.id,
            booking_id=shipment.booking_id,
            from_status=shipment.status,
            to_status=to,
            reason=reason,
        )
    )
    return moved


def _history(
    tx: Transaction, before: ShipmentRow, after: ShipmentRow, reason: str | None, now: datetime
) -> ShipmentHistoryRow:
    return ShipmentHistoryRow(
        id=new_id(),
        shipment_id=after.id,
        shipper_id=after.shipper_id,
        carrier_id=after.carrier_id,
        from_status=before.status,
        to_status=after.status,
        actor_id=tx.actor_id,
        reason=reason,
        created_at=now,
    )
