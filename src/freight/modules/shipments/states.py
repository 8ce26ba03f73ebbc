"""The states of a shipment, which of them may follow which, and the events that move it."""

from datetime import datetime

from crossdock.transaction import Transaction
from freight.modules.shipments.events import ShipmentMoved
from freight.modules.shipments.store import (
    EventType,
    ShipmentHistoryRow,
    ShipmentRow,
    ShipmentStatus,
    ShipmentStore,
)
from freight.states import States, Step

S = ShipmentStatus
FOLLOWING: dict[ShipmentStatus, tuple[ShipmentStatus, ...]] = {
    S.PLANNED: (S.AT_PICKUP, S.CANCELLED),
    S.AT_PICKUP: (S.IN_TRANSIT, S.CANCELLED),
    S.IN_TRANSIT: (S.AT_DROPOFF, S.CANCELLED),
    S.AT_DROPOFF: (S.DELIVERED, S.CANCELLED),
    S.DELIVERED: (S.CLOSED,),
    S.CLOSED: (),
    S.CANCELLED: (),
}
MOVED_BY = {
    EventType.ARRIVED_AT_PICKUP: S.AT_PICKUP,
    EventType.DEPARTED_PICKUP: S.IN_TRANSIT,
    EventType.ARRIVED_AT_DROPOFF: S.AT_DROPOFF,
}
"""The events that move a shipment, and the state that each moves it to. All other events leave it where it is."""
OVER = {S.CLOSED, S.CANCELLED}
"""The states in which a shipment takes no more events."""


def _history(shipment: ShipmentRow, step: Step[ShipmentStatus]) -> ShipmentHistoryRow:
    return step.row(
        ShipmentHistoryRow, shipment_id=shipment.id, shipper_id=shipment.shipper_id, carrier_id=shipment.carrier_id
    )


def _event(shipment: ShipmentRow, step: Step[ShipmentStatus]) -> ShipmentMoved:
    return step.event(ShipmentMoved, subject_id=shipment.id, booking_id=shipment.booking_id)


STATES = States("shipment", ShipmentStore, FOLLOWING, _history, _event)


async def move(
    tx: Transaction,
    shipment: ShipmentRow,
    to: ShipmentStatus,
    *,
    reason: str | None = None,
    event_at: datetime | None = None,
) -> ShipmentRow:
    """Moves a shipment to its next state, with its history row and its event.

    `event_at` is when the reported event occurred that moves it. Raises WrongState, ChangedMeanwhile.
    """
    return await STATES.move(tx, shipment, to, reason=reason, last_event_at=event_at or shipment.last_event_at)
