"""The end of a shipment: the shipper accepts the delivery, and the carrier gets the money that was held."""

from uuid import UUID

from crossdock.transaction import Transaction
from freight.modules.accounts.api import Caller, Role
from freight.modules.bookings import api as bookings
from freight.modules.ledger import api as ledger
from freight.modules.shipments.service.plan import get_shipment, lock_shipment
from freight.modules.shipments.states import move
from freight.modules.shipments.store import ShipmentRow, ShipmentStatus


async def accept_delivery(tx: Transaction, caller: Caller, shipment_id: UUID) -> ShipmentRow:
    """delivered → closed: the booking is delivered, and the carrier gets the held amount less the platform's fee.

    Raises NotFound, NotTheShipper, RoleTooLow, WrongState.
    """
    shipment = await get_shipment(tx, shipment_id)
    bookings.need_shipper(caller, shipment.shipper_id)
    caller.need(Role.MANAGER)
    async with tx.as_platform("accepting a delivery pays another company"):
        # The order of every verb: booking, shipment, then the ledger's accounts, so that two verbs cannot deadlock.
        booking = await bookings.lock(tx, shipment.booking_id)
        shipment = await lock_shipment(tx, shipment_id)
        closed = await move(tx, shipment, ShipmentStatus.CLOSED)
        await bookings.deliver(tx, booking)
        await ledger.settle(
            tx,
            shipment.hold_id,
            payer_id=shipment.shipper_id,
            payee_id=shipment.carrier_id,
            reference=f"settlement:{shipment.id}",
        )
        return closed
