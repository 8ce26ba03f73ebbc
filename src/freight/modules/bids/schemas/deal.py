"""The deal in and out of HTTP."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict

from crossdock.web.schemas import Input, text
from freight.modules.bids.schemas.offers import BidOut

REASON_MAX = 500
Reason = Annotated[
    str, text(REASON_MAX, description="Kept in the history.", examples=["The goods will not be ready in time."])
]


class CancelBookingIn(Input):
    """Why a booking is cancelled, for the carriers that have bid on it."""

    model_config = ConfigDict(title="BookingCancellation")

    reason: Reason | None = None


class CancelShipmentIn(Input):
    """Why a shipment is cancelled, for the other party."""

    model_config = ConfigDict(title="ShipmentCancellation")

    reason: Reason


class AcceptedBidOut(BidOut):
    """A bid that was accepted, and the shipment that is planned for it."""

    shipment_id: UUID
