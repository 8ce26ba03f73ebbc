"""Bids and their history, in Tortoise."""

from tortoise import fields

from crossdock.schema.tortoise import KeyedModel, UniqueIndex, VersionedModel
from freight.modules.bids.store import BidStatus


class Bid(VersionedModel):
    """A carrier's price for a booking. `company` is the carrier; `shipper` the booking's company, for the policies."""

    booking = fields.ForeignKeyField("legacy.Booking", on_delete=fields.RESTRICT, related_name=False)
    company = fields.ForeignKeyField("legacy.Company", on_delete=fields.RESTRICT, related_name=False)
    shipper = fields.ForeignKeyField("legacy.Company", on_delete=fields.RESTRICT, related_name=False)
    status = fields.CharEnumField(BidStatus, max_length=20)
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    pickup_eta = fields.DatetimeField()
    award_expires_at = fields.DatetimeField(null=True)
    hold_id = fields.UUIDField(null=True)

    class Meta:
        table = "bids"
        indexes = (
            ("booking_id", "id"),
            ("company_id", "id"),
            ("shipper_id", "id"),
            ("shipper_id", "company_id"),
            ("status", "award_expires_at"),
            UniqueIndex(fields=("booking_id",), name="uid_bids_one_winner", where="status IN ('awarded', 'accepted')"),
            UniqueIndex(
                fields=("booking_id", "company_id"),
                name="uid_bids_one_live",
                where="status IN ('pending', 'awarded', 'accepted')",
            ),
        )


class BidHistory(KeyedModel):
    """A bid's state change: who, when, from, to, why."""

    bid = fields.ForeignKeyField("legacy.Bid", on_delete=fields.RESTRICT, related_name=False)
    company = fields.ForeignKeyField("legacy.Company", on_delete=fields.RESTRICT, related_name=False)
    shipper = fields.ForeignKeyField("legacy.Company", on_delete=fields.RESTRICT, related_name=False)
    from_status = fields.CharEnumField(BidStatus, max_length=20, null=True)
    to_status = fields.CharEnumField(BidStatus, max_length=20)
    actor_id = fields.UUIDField(null=True)
    reason = fields.CharField(max_length=500, null=True)

    class Meta:
        table = "bid_history"
        indexes = (("bid_id", "id"),)
