"""The response models of the two FastAPI peers, read from the attributes of their ORM's objects."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Money(Out):
    amount_minor: int
    currency: str


class Pickup(Out):
    address: str
    lat: float
    lon: float
    ready_at: datetime


class Dropoff(Out):
    address: str
    lat: float
    lon: float
    due_at: datetime


class CompanyOut(Out):
    id: UUID
    name: str
    kind: str


class BookingIn(BaseModel):
    pickup: Pickup
    dropoff: Dropoff
    weight_kg: int
    price_ceiling: Money
    equipment: str


class BookingOut(Out):
    id: UUID
    company_id: UUID
    status: str
    pickup: Pickup
    dropoff: Dropoff
    weight_kg: int
    price_ceiling: Money
    equipment: str
    carrier_id: UUID | None
    awarded_bid_id: UUID | None
    created_at: datetime
    updated_at: datetime


class BookingWithShipperOut(BookingOut):
    shipper: CompanyOut


class BookingPage(Out):
    items: list[BookingWithShipperOut]
    next_cursor: str | None


class BidWithCarrierOut(Out):
    id: UUID
    status: str
    amount: Money
    pickup_eta: datetime
    created_at: datetime
    carrier: CompanyOut


class BookingWithBidsOut(BookingOut):
    bids: list[BidWithCarrierOut]


class BidOut(Out):
    id: UUID
    booking_id: UUID
    company_id: UUID
    shipper_id: UUID
    status: str
    amount: Money
    pickup_eta: datetime
    award_expires_at: datetime | None
    hold_id: UUID | None
    created_at: datetime
    updated_at: datetime


class DepositIn(BaseModel):
    amount: Money


class TransferOut(Out):
    id: UUID
    kind: str
    status: str
    amount: Money
    posted: Money | None
    reference: str
    subject_id: UUID | None
    debit_account_id: UUID
    credit_account_id: UUID
    created_at: datetime
    resolved_at: datetime | None
