"""Shipments in and out of HTTP."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from crossdock.web.schemas import Input, Output, text
from freight.modules.shipments.store import EventType, ShipmentStatus
from freight.schemas import Latitude, Longitude, MoneyOut, Time, TimeIn

EVENTS_SHOWN_MAX = 200
"""A truck may send its position for days: a shipment shows its newest events only."""

SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
Sha256 = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
    Field(description="Of the signed document, in lower-case hex.", examples=[SHA256]),
]


class ShipmentEventIn(Input):
    """What happened, when and where. Without `occurred_at`, or with one up to a minute ahead of the server's clock, it
    happened now. Events may be reported late, but in the order in which they occurred, and none may have occurred more
    than a day before the shipment was planned."""

    type: Annotated[EventType, Field(examples=["position"])]
    occurred_at: TimeIn | None = None
    lat: Latitude
    lon: Longitude


class ProofIn(Input):
    """Who signed for the goods, and the fingerprint of the signed document."""

    signed_by: Annotated[str, text(200, description="The name of the person.", examples=["Marta Koenig"])]
    document_sha256: Sha256


class ShipmentEventOut(Output):
    """An event of a shipment. `created_at` is when it was reported, `occurred_at` when it happened."""

    id: UUID
    type: EventType
    occurred_at: Time
    lat: float
    lon: float
    created_at: Time


class ProofOut(Output):
    signed_by: str
    document_sha256: str
    created_at: Time


class ShipmentSummary(Output):
    """A shipment. `hold_id` is the ledger's transfer that pays for it, `last_event_at` the time of its newest event."""

    id: UUID
    booking_id: UUID
    bid_id: UUID
    shipper_id: UUID
    carrier_id: UUID
    status: ShipmentStatus
    amount: MoneyOut
    hold_id: UUID
    last_event_at: Time | None
    created_at: Time
    updated_at: Time


class ShipmentOut(ShipmentSummary):
    """A shipment with its newest events, at most 200, oldest first, and its proof of delivery."""

    events: list[ShipmentEventOut]
    proof_of_delivery: ProofOut | None


class ShipmentPage(Output):
    items: list[ShipmentSummary]
    next_cursor: str | None
