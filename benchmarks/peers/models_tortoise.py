"""The tables, as models of the Tortoise peer. What the API groups is a plain property: the cheapest way to show it."""

from typing import Any
from uuid import UUID

from tortoise import Model, fields
from uuid_utils.compat import uuid7


class Company(Model):
    id = fields.UUIDField(primary_key=True)
    name = fields.CharField(max_length=200)
    kind = fields.CharField(max_length=20)

    class Meta:
        table = "companies"


class Booking(Model):
    id = fields.UUIDField(primary_key=True, default=uuid7)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    version = fields.IntField(default=1)
    status = fields.CharField(max_length=20)
    pickup_address = fields.CharField(max_length=300)
    pickup_lat = fields.FloatField()
    pickup_lon = fields.FloatField()
    pickup_ready_at = fields.DatetimeField()
    dropoff_address = fields.CharField(max_length=300)
    dropoff_lat = fields.FloatField()
    dropoff_lon = fields.FloatField()
    dropoff_due_at = fields.DatetimeField()
    weight_kg = fields.IntField()
    equipment = fields.CharField(max_length=20)
    price_ceiling_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    awarded_bid_id = fields.UUIDField(null=True)
    shipper: Any = fields.ForeignKeyField("models.Company", source_field="company_id", related_name=False)
    carrier: Any = fields.ForeignKeyField("models.Company", null=True, related_name=False)

    shipper_id: UUID
    carrier_id: UUID | None
    offers: fields.ReverseRelation["Bid"]

    class Meta:
        table = "bookings"

    @property
    def company_id(self) -> UUID:
        return self.shipper_id

    @property
    def bids(self) -> list["Bid"]:
        return list(self.offers)

    @property
    def pickup(self) -> dict[str, Any]:
        return {
            "address": self.pickup_address,
            "lat": self.pickup_lat,
            "lon": self.pickup_lon,
            "ready_at": self.pickup_ready_at,
        }

    @property
    def dropoff(self) -> dict[str, Any]:
        return {
            "address": self.dropoff_address,
            "lat": self.dropoff_lat,
            "lon": self.dropoff_lon,
            "due_at": self.dropoff_due_at,
        }

    @property
    def price_ceiling(self) -> dict[str, Any]:
        return {"amount_minor": self.price_ceiling_minor, "currency": self.currency}


class Bid(Model):
    id = fields.UUIDField(primary_key=True, default=uuid7)
    created_at = fields.DatetimeField()
    updated_at = fields.DatetimeField()
    version = fields.IntField(default=1)
    booking: Any = fields.ForeignKeyField("models.Booking", related_name="offers")
    carrier: Any = fields.ForeignKeyField("models.Company", source_field="company_id", related_name=False)
    shipper: Any = fields.ForeignKeyField("models.Company", related_name=False)
    status = fields.CharField(max_length=20)
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    pickup_eta = fields.DatetimeField()
    award_expires_at = fields.DatetimeField(null=True)
    hold_id = fields.UUIDField(null=True)

    booking_id: UUID
    carrier_id: UUID
    shipper_id: UUID

    class Meta:
        table = "bids"
        ordering = ["-id"]

    @property
    def company_id(self) -> UUID:
        return self.carrier_id

    @property
    def amount(self) -> dict[str, Any]:
        return {"amount_minor": self.amount_minor, "currency": self.currency}


class Account(Model):
    id = fields.UUIDField(primary_key=True, default=uuid7)
    company_id = fields.UUIDField()
    kind = fields.CharField(max_length=20)
    currency = fields.CharField(max_length=3)
    posted_minor = fields.BigIntField()
    pending_out_minor = fields.BigIntField()
    pending_in_minor = fields.BigIntField()
    version = fields.BigIntField()
    updated_at = fields.DatetimeField()

    class Meta:
        table = "ledger_accounts"


class Transfer(Model):
    id = fields.UUIDField(primary_key=True, default=uuid7)
    kind = fields.CharField(max_length=20)
    reference = fields.CharField(max_length=200)
    subject_id = fields.UUIDField(null=True)
    amount_minor = fields.BigIntField()
    currency = fields.CharField(max_length=3)
    debit_account_id = fields.UUIDField()
    credit_account_id = fields.UUIDField()
    debit_company_id = fields.UUIDField()
    credit_company_id = fields.UUIDField()
    is_pending = fields.BooleanField()
    created_at = fields.DatetimeField()

    status = "posted"
    resolved_at = None

    class Meta:
        table = "ledger_transfers"

    @property
    def amount(self) -> dict[str, Any]:
        return {"amount_minor": self.amount_minor, "currency": self.currency}

    posted = amount


class Entry(Model):
    id = fields.UUIDField(primary_key=True, default=uuid7)
    account_id = fields.UUIDField()
    transfer_id = fields.UUIDField()
    company_id = fields.UUIDField()
    amount_minor = fields.BigIntField()
    balance_after_minor = fields.BigIntField()
    account_version = fields.BigIntField()
    created_at = fields.DatetimeField()

    class Meta:
        table = "ledger_entries"
