"""The tables, mapped for the SQLAlchemy peer. What the API groups is a plain property: the cheapest way to show it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from uuid_utils.compat import uuid7


class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True), UUID: Uuid(), int: BigInteger}


class Company(Base):
    __tablename__ = "companies"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]


class Booking(Base):
    __tablename__ = "bookings"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    status: Mapped[str]
    pickup_address: Mapped[str]
    pickup_lat: Mapped[float]
    pickup_lon: Mapped[float]
    pickup_ready_at: Mapped[datetime]
    dropoff_address: Mapped[str]
    dropoff_lat: Mapped[float]
    dropoff_lon: Mapped[float]
    dropoff_due_at: Mapped[datetime]
    weight_kg: Mapped[int]
    equipment: Mapped[str]
    price_ceiling_minor: Mapped[int]
    currency: Mapped[str]
    awarded_bid_id: Mapped[UUID | None]
    carrier_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.id"))
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"))

    shipper: Mapped[Company] = relationship(foreign_keys=company_id)
    bids: Mapped[list["Bid"]] = relationship(back_populates="booking", order_by="Bid.id.desc()")

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


class Bid(Base):
    __tablename__ = "bids"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    booking_id: Mapped[UUID] = mapped_column(ForeignKey("bookings.id"))
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"))
    shipper_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"))
    status: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    pickup_eta: Mapped[datetime]
    award_expires_at: Mapped[datetime | None]
    hold_id: Mapped[UUID | None]

    booking: Mapped[Booking] = relationship(back_populates="bids")
    carrier: Mapped[Company] = relationship(foreign_keys=company_id)

    @property
    def amount(self) -> dict[str, Any]:
        return {"amount_minor": self.amount_minor, "currency": self.currency}


class Account(Base):
    __tablename__ = "ledger_accounts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"))
    kind: Mapped[str]
    currency: Mapped[str]
    posted_minor: Mapped[int]
    pending_out_minor: Mapped[int]
    pending_in_minor: Mapped[int]
    version: Mapped[int]
    updated_at: Mapped[datetime]


class Transfer(Base):
    __tablename__ = "ledger_transfers"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[str]
    reference: Mapped[str]
    subject_id: Mapped[UUID | None]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    debit_account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"))
    credit_account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"))
    debit_company_id: Mapped[UUID]
    credit_company_id: Mapped[UUID]
    is_pending: Mapped[bool]
    created_at: Mapped[datetime]

    status = "posted"
    resolved_at = None

    @property
    def amount(self) -> dict[str, Any]:
        return {"amount_minor": self.amount_minor, "currency": self.currency}

    posted = amount


class Entry(Base):
    __tablename__ = "ledger_entries"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"))
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_transfers.id"))
    company_id: Mapped[UUID]
    amount_minor: Mapped[int]
    balance_after_minor: Mapped[int]
    account_version: Mapped[int]
    created_at: Mapped[datetime]

    transfer: Mapped[Transfer] = relationship()
