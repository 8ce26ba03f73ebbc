"""Bookings and their history, in Tortoise: the models that those of bids and shipments have relations to. The module
itself is on SQLAlchemy."""

from tortoise import fields

from crossdock.schema.tortoise import KeyedModel, VersionedModel
from freight.modules.bookings.store import BookingStatus, Equipment


class Booking(VersionedModel):
    """A load that a shipper wants carried. `carrier_id` and `awarded_bid_id` are set while it is awarded or later."""

    company = fields.ForeignKeyField("legacy.Company", on_delete=fields.RESTRICT, related_name=False)
    status = fields.CharEnumField(BookingStatus, max_length=20)
    pickup_address = fields.CharField(max_length=300)
    pickup_lat = fields.FloatField()
    pickup_lon = fields.FloatField()
    pickup_ready_at = fields.DatetimeField()
    dropoff_address = fields.CharField(max_length=300)
    dropoff_lat = fields.FloatField()
    dropoff_lon = fields.FloatField()
    dropoff_due_at = fields.DatetimeField()
    weight_kg = fields.IntField()
    equipment = fields.CharEnumField(Equipment, max_length=20)
    price_ceiling_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    carrier = fields.ForeignKeyField("legacy.Company", on_delete=fields.RESTRICT, null=True, related_name=False)
    awarded_bid_id = fields.UUIDField(null=True)

    class Meta:
        table = "bookings"
        indexes = (
            ("company_id", "id"),
            ("company_id", "status", "id"),
            ("carrier_id", "id"),
            ("carrier_id", "status", "id"),
            ("status", "id"),
            ("status", "pickup_ready_at"),
        )


class BookingHistory(KeyedModel):
    """A booking's state change: who, when, from, to, why."""

    booking = fields.ForeignKeyField("legacy.Booking", on_delete=fields.RESTRICT, related_name=False)
    company = fields.ForeignKeyField("legacy.Company", on_delete=fields.RESTRICT, related_name=False)
    from_status = fields.CharEnumField(BookingStatus, max_length=20, null=True)
    to_status = fields.CharEnumField(BookingStatus, max_length=20)
    actor_id = fields.UUIDField(null=True)
    reason = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "booking_history"
        indexes = (("booking_id", "id"),)
