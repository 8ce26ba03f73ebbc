"""What other modules may do with shipments. Each function works in the caller's transaction, with its rights."""

from uuid import UUID

from crossdock.kernel.documents import Document
from crossdock.kernel.transaction import Transaction
from crossdock.modules.shipments.schemas import ShipmentOut
from crossdock.modules.shipments.service import accept_delivery, prove_delivery, record_event
from crossdock.modules.shipments.service import cancel_shipment as cancel
from crossdock.modules.shipments.service import get_shipment as get
from crossdock.modules.shipments.service import lock_shipment as lock
from crossdock.modules.shipments.service import plan_shipment as plan
from crossdock.modules.shipments.store import EventType, ShipmentStatus, ShipmentStore
from crossdock.modules.shipments.store import ShipmentRow as Shipment

__all__ = [
    "EventType",
    "Shipment",
    "ShipmentOut",
    "ShipmentStatus",
    "accept_delivery",
    "cancel",
    "document",
    "get",
    "lock",
    "plan",
    "prove_delivery",
    "record_event",
]


async def document(tx: Transaction, shipment_id: UUID) -> Document | None:
    """A shipment in the shape of `ShipmentOut`, as it is in this transaction; None when the tenant does not see it."""
    return await tx.store(ShipmentStore).document(shipment_id)
