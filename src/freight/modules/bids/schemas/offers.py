"""Bids, and a booking with its bids, in and out of HTTP."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from crossdock.web.schemas import Input, Output
from freight.modules.bids.store import BidStatus
from freight.modules.bookings.api import BookingOut
from freight.modules.companies.api import CompanyBrief
from freight.schemas import MoneyIn, MoneyOut, Time, TimeIn

BIDS_SHOWN_MAX = 200
"""Of one booking, where they are shown with it; the list has them all."""


class BidIn(Input):
    """A price for a booking. The truck would be at the pickup at `pickup_eta`; without it, when the load is ready."""

    amount: Annotated[MoneyIn, Field(examples=[{"amount_minor": 69_000, "currency": "EUR"}])]
    pickup_eta: TimeIn | None = None


class BidOut(Output):
    """A bid. `company_id` is the carrier. An award sets `hold_id`, the ledger's transfer that holds the amount for it,
    and `award_expires_at`, until when the carrier may accept."""

    id: UUID
    booking_id: UUID
    company_id: UUID
    shipper_id: UUID
    status: BidStatus
    amount: MoneyOut
    pickup_eta: Time
    award_expires_at: Annotated[Time | None, Field(examples=["2034-05-04T09:00:00Z"])]
    hold_id: UUID | None
    created_at: Time
    updated_at: Time


class BidPage(Output):
    items: list[BidOut]
    next_cursor: str | None


class BidWithCarrierOut(Output):
    """A bid, and whose it is."""

    id: UUID
    status: BidStatus
    amount: MoneyOut
    pickup_eta: Time
    created_at: Time
    carrier: CompanyBrief


class BookingWithBidsOut(BookingOut):
    """A booking and what was bid for it, newest first: to the shipper all bids, to a carrier its own."""

    bids: list[BidWithCarrierOut] = Field(max_length=BIDS_SHOWN_MAX)
