"""The rules of shipments, one function for each verb. Each works in the caller's transaction."""

from freight.modules.shipments.service.journey import (
    EventBeforeShipment,
    EventInTheFuture,
    EventOutOfOrder,
    JourneyOver,
    prove_delivery,
    record_event,
)
from freight.modules.shipments.service.plan import cancel_shipment, get_shipment, lock_shipment, plan_shipment
from freight.modules.shipments.service.settle import accept_delivery

__all__ = [
    "EventBeforeShipment",
    "EventInTheFuture",
    "EventOutOfOrder",
    "JourneyOver",
    "accept_delivery",
    "cancel_shipment",
    "get_shipment",
    "lock_shipment",
    "plan_shipment",
    "prove_delivery",
    "record_event",
]
