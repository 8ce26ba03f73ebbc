"""Shipments: the journey of a covered booking, to its proof of delivery and its payment."""

from crossdock.registry import Module, Orm

MODULE = Module(
    name="shipments",
    orm=Orm.TORTOISE,
    summary="the journey of a covered booking, to its proof of delivery and its payment",
    tables=("shipments", "shipment_events", "shipment_history", "proofs_of_delivery"),
    store="ShipmentStore",
    router="routes:router",
    tags={"shipments": "Loads on their way, from the planned pickup to the accepted delivery."},
    events=("ShipmentPlanned", "ShipmentMoved", "ShipmentEventRecorded"),
)
