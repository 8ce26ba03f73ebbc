"""Shipments, their events, history and proof of delivery, in Tortoise."""

from tortoise import fields

from crossdock.schema.tortoise import KeyedModel, UniqueIndex, VersionedModel
from freight.modules.shipments.store import EventType, ShipmentStatus


class PartyModel(KeyedModel):
    """A model whose rows both parties of a shipment see."""

    shipper = fields.ForeignKeyField("legacy.Company", on_delete=fields.RESTRICT, related_name=False)
    carrier = fields.ForeignKeyField("legacy.Company", on_delete=fields.RESTRICT, related_name=False)

    class Meta:
        abstract = True


class Shipment(VersionedModel):
    """A booking on its way. `hold_id` is the ledger's pending transfer that pays for it."""

    shipper = fields.ForeignKeyField("legacy.Company", on_delete=fields.RESTRICT, related_name=False)
    carrier = fields.ForeignKeyField("legacy.Company", on_delete=fields.RESTRICT, related_name=False)
    booking = fields.ForeignKeyField("legacy.Booking", on_delete=fields.RESTRICT, related_name=False)
    bid = fields.ForeignKeyField("legacy.Bid", on_delete=fields.RESTRICT, related_name=False)
    status = fields.CharEnumField(ShipmentStatus, max_length=20)
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    hold_id = fields.UUIDField()
    last_event_at = fields.DatetimeField(null=True)

    class Meta:
        table = "shipments"
        indexes = (
            ("shipper_id", "id"),
            ("carrier_id", "id"),
            UniqueIndex(fields=("booking_id",), name="uid_shipments_one_live", where="status <> 'cancelled'"),
        )


class ShipmentEvent(PartyModel):
    """Something that happened on the way: a step of the journey, or an incident beside it."""

    shipment = fields.ForeignKeyField("legacy.Shipment", on_delete=fields.RESTRICT, related_name=False)
    type = fields.CharEnumField(EventType, max_length=30)
    occurred_at = fields.DatetimeField()
    lat = fields.FloatField()
    lon = fields.FloatField()
    actor_id = fields.UUIDField(null=True)

    class Meta:
        table = "shipment_events"
        indexes = (("shipment_id", "id"),)


class ShipmentHistory(PartyModel):
    """A shipment's state change: who, when, from, to, why."""

    shipment = fields.ForeignKeyField("legacy.Shipment", on_delete=fields.RESTRICT, related_name=False)
    from_status = fields.CharEnumField(ShipmentStatus, max_length=20, null=True)
    to_status = fields.CharEnumField(ShipmentStatus, max_length=20)
    actor_id = fields.UUIDField(null=True)
    reason = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "shipment_history"
        indexes = (("shipment_id", "id"),)


class ProofOfDelivery(PartyModel):
    """Who signed for the goods, and the fingerprint of the signed document. One per shipment."""

    shipment = fields.ForeignKeyField("legacy.Shipment", on_delete=fields.RESTRICT, related_name=False)
    signed_by = fields.CharField(max_length=200)
    document_sha256 = fields.CharField(max_length=64)
    actor_id = fields.UUIDField(null=True)

    class Meta:
        table = "proofs_of_delivery"
        indexes = (UniqueIndex(fields=("shipment_id",), name="uid_proofs_of_delivery_one"),)
