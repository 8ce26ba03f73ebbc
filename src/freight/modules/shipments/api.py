"""What other modules may call of shipments. Each function works in the caller's transaction, with its rights."""

from uuid import UUID

from crossdock.documents import Document
from crossdock.transaction import Transaction
from freight.modules.shipments.schemas import ShipmentOut
from freight.modules.shipments.service import accept_delivery, prove_delivery, record_event
from freight.modules.shipments.service import cancel_shipment as cancel
from freight.modules.shipments.service import get_shipment as get
from freight.modules.shipments.service import lock_shipment as lock
from freight.modules.shipments.service import plan_shipment as plan
from freight.modules.shipments.store import EventType, ShipmentStatus, ShipmentStore
from freight.modules.shipments.store import ShipmentRow as Shipment

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
