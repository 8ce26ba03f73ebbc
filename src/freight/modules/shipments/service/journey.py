"""The journey: the events that the carrier reports, and the proof of delivery."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from crossdock.clock import SKEW
from crossdock.errors import ChangedMeanwhile, Conflict, Invalid
from crossdock.ids import new_id
from crossdock.transaction import Transaction
from freight.modules.accounts.api import Caller
from freight.modules.bookings import api as bookings
from freight.modules.shipments.events import ShipmentEventRecorded
from freight.modules.shipments.service.plan import get_shipment, lock_shipment
from freight.modules.shipments.states import MOVED_BY, OVER, STATES, move
from freight.modules.shipments.store import (
    EventType,
    ProofRow,
    ShipmentEventRow,
    ShipmentRow,
    ShipmentStatus,
    ShipmentStore,
)

BEFORE_PLANNED_MAX = timedelta(days=1)
"""How long before its shipment was planned an event may have happened. A truck may be at the pickup before the
dispatcher accepts the award, and the shipment is planned then."""


class EventInTheFuture(Invalid):
    """The event has not happened yet by the server's clock.

    Set the clock of the device, or leave `occurred_at` out: then it is now.
    """


class EventBeforeShipment(Invalid):
    """The event occurred more than a day before the shipment was planned.

    Look at the date, and whether the event is of this shipment. Without `occurred_at` it is now.
    """


class EventOutOfOrder(Invalid):
    """The event occurred before the last one that is recorded.

    `details` has the time of the last one: send a later time, or none, which is now.
    """


class JourneyOver(Conflict):
    """The shipment is closed or cancelled: it takes no more events.

    There is nothing left to report. `GET /v1/shipments` has those that are under way.
    """


async def record_event(
    tx: Transaction,
    caller: Caller,
    shipment_id: UUID,
    *,
    type: EventType,
    occurred_at: datetime | None,
    lat: float,
    lon: float,
) -> ShipmentEventRow:
    """Records an event. Those in `MOVED_BY` move the shipment, the others are incidents and leave its state.

    Without `occurred_at` it happened now. Raises NotFound, NotTheCarrier, WrongState for a skipped step, JourneyOver,
    EventInTheFuture, EventBeforeShipment, EventOutOfOrder.
    """
    shipment = await _carriers_shipment(tx, caller, shipment_id)
    _check_state(shipment, type)
    occurred_at = _time_of_event(tx, shipment, occurred_at or tx.clock.now())
    if type in MOVED_BY:
        await move(tx, shipment, MOVED_BY[type], event_at=occurred_at)
    else:
        await _record_time(tx, shipment, occurred_at)
    event = ShipmentEventRow(
        id=new_id(),
        shipment_id=shipment.id,
        shipper_id=shipment.shipper_id,
        carrier_id=shipment.carrier_id,
        type=type,
        occurred_at=occurred_at,
        lat=lat,
        lon=lon,
        actor_id=tx.actor_id,
        created_at=tx.clock.now(),
    )
    await tx.store(ShipmentStore).add_event(event)
    tx.emit(
        ShipmentEventRecorded(
            subject_id=shipment.id, event_id=event.id, event_type=type, occurred_at=occurred_at, lat=lat, lon=lon
        )
    )
    return event


def _check_state(shipment: ShipmentRow, type: EventType) -> None:
    if type in MOVED_BY:
        STATES.check(shipment, MOVED_BY[type])
    elif shipment.status in OVER:
        raise JourneyOver(f"The shipment is {shipment.status}: it takes no more events.", current=shipment.status)


def _time_of_event(tx: Transaction, shipment: ShipmentRow, reported: datetime) -> datetime:
    """The time to record for an event that is reported with a time.

    A time that is ahead of the server's clock, within the allowed skew, becomes now. Otherwise the real events until
    then would be refused as out of order.
    """
    now = tx.clock.now()
    if reported > now + SKEW:
        raise EventInTheFuture(field="body.occurred_at")
    if reported < shipment.created_at - BEFORE_PLANNED_MAX:
        raise EventBeforeShipment(field="body.occurred_at", planned_at=shipment.created_at.isoformat())
    occurred_at = min(reported, now)
    if shipment.last_event_at is not None:
        # Release 0.1 stored times that were ahead of the clock. What was recorded at `updated_at` did not occur later.
        last = min(shipment.last_event_at, shipment.updated_at)
        if occurred_at < last:
            raise EventOutOfOrder(field="body.occurred_at", last_event_at=last.isoformat())
    return occurred_at


async def _record_time(tx: Transaction, shipment: ShipmentRow, occurred_at: datetime) -> None:
    """Writes the time of an incident to the shipment, whose state stays. Raises ChangedMeanwhile."""
    noted = replace(shipment, last_event_at=occurred_at, updated_at=tx.clock.now(), version=shipment.version + 1)
    if not await tx.store(ShipmentStore).move(noted, from_status=shipment.status):
        raise ChangedMeanwhile


async def prove_delivery(
    tx: Transaction, caller: Caller, shipment_id: UUID, *, signed_by: str, document_sha256: str
) -> ShipmentRow:
    """at_dropoff → delivered, by the carrier, with the proof. Raises NotFound, NotTheCarrier, WrongState."""
    shipment = await _carriers_shipment(tx, caller, shipment_id)
    delivered = await move(tx, shipment, ShipmentStatus.DELIVERED)
    await tx.store(ShipmentStore).add_proof(
        ProofRow(
            id=new_id(),
            shipment_id=shipment.id,
            shipper_id=shipment.shipper_id,
            carrier_id=shipment.carrier_id,
            signed_by=signed_by,
            document_sha256=document_sha256,
            actor_id=tx.actor_id,
            created_at=tx.clock.now(),
        )
    )
    return delivered


async def _carriers_shipment(tx: Transaction, caller: Caller, shipment_id: UUID) -> ShipmentRow:
    """The shipment, locked, for its carrier. Others are refused before the lock, so that they never make it wait."""
    shipment = await get_shipment(tx, shipment_id)
    bookings.need_carrier(caller, shipment.carrier_id)
    return await lock_shipment(tx, shipment_id)
