"""Planning and cancelling a shipment. Both are called by the deal, which is in the module bids."""

from uuid import UUID

from crossdock.ids import new_id
from crossdock.transaction import Transaction
from freight.modules.shipments.events import ShipmentPlanned
from freight.modules.shipments.states import STATES, move
from freight.modules.shipments.store import ShipmentRow, ShipmentStatus, ShipmentStore
from freight.money import Money
from freight.rows import must_exist


async def get_shipment(tx: Transaction, shipment_id: UUID, *, lock: bool = False) -> ShipmentRow:
    """A shipment of which the tenant is a party. `lock` holds it until the end of the transaction. Raises NotFound."""
    return must_exist(await tx.store(ShipmentStore).get(shipment_id, lock=lock))


async def lock_shipment(tx: Transaction, shipment_id: UUID) -> ShipmentRow:
    """A shipment, locked until the end of the transaction. Raises NotFound."""
    return await get_shipment(tx, shipment_id, lock=True)


async def plan_shipment(
    tx: Transaction, *, booking_id: UUID, bid_id: UUID, shipper_id: UUID, carrier_id: UUID, amount: Money, hold_id: UUID
) -> ShipmentRow:
    """Adds the shipment of a covered booking, with its history row and its event. Call it inside `as_platform`."""
    now = tx.clock.now()
    shipment = ShipmentRow(
        id=new_id(),
        booking_id=booking_id,
        bid_id=bid_id,
        shipper_id=shipper_id,
        carrier_id=carrier_id,
        status=ShipmentStatus.PLANNED,
        amount=amount,
        hold_id=hold_id,
        last_event_at=None,
        created_at=now,
        updated_at=now,
        version=1,
    )
    await tx.store(ShipmentStore).add(shipment)
    await STATES.begin(tx, shipment)
    tx.emit(
        ShipmentPlanned(
            subject_id=shipment.id, booking_id=booking_id, shipper_id=shipper_id, carrier_id=carrier_id, amount=amount
        )
    )
    return shipment


async def cancel_shipment(tx: Transaction, shipment_id: UUID, *, reason: str) -> ShipmentRow:
    """Any state before delivered → cancelled. The caller undoes the deal as well. Raises NotFound, WrongState."""
    return await move(tx, await lock_shipment(tx, shipment_id), ShipmentStatus.CANCELLED, reason=reason)
