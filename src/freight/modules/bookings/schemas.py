"""Bookings in and out of HTTP."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, field_validator
from pydantic.json_schema import SkipJsonSchema

from crossdock.web.schemas import Input, Output, left_out, not_null, text
from freight.modules.bookings.store import BookingStatus, Dropoff, Equipment, Pickup
from freight.modules.companies.api import CompanyBrief
from freight.schemas import FAR_OFF, Latitude, Longitude, MoneyIn, MoneyOut, Time, TimeIn

Address = Annotated[
    str, text(300, description="Street, number, postal code, town.", examples=["Maasvlakteweg 12, 3199 Rotterdam, NL"])
]
Weight = Annotated[int, Field(strict=True, gt=0, le=1_000_000, description="Kilograms.", examples=[12_500])]


class PickupIn(Input):
    address: Address
    lat: Latitude
    lon: Longitude
    ready_at: Annotated[TimeIn, Field(examples=[FAR_OFF])]

    def to_place(self) -> Pickup:
        return Pickup(self.address, self.lat, self.lon, self.ready_at)


class DropoffIn(Input):
    address: Annotated[Address, Field(examples=["Hafenstrasse 4, 47119 Duisburg, DE"])]
    lat: Annotated[Latitude, Field(examples=[51.4519])]
    lon: Annotated[Longitude, Field(examples=[6.7312])]
    due_at: Annotated[TimeIn, Field(examples=["2034-05-05T16:00:00Z"])]

    def to_place(self) -> Dropoff:
        return Dropoff(self.address, self.lat, self.lon, self.due_at)


class BookingIn(Input):
    """A load to be carried."""

    pickup: PickupIn
    dropoff: DropoffIn
    weight_kg: Weight
    price_ceiling: MoneyIn
    equipment: Annotated[Equipment, Field(examples=["curtainsider"])]


class BookingPatch(Input):
    """What to change of a draft: only the fields that are sent. None of them can be null."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"weight_kg": 11_800}]})

    pickup: PickupIn | SkipJsonSchema[None] = None
    dropoff: DropoffIn | SkipJsonSchema[None] = None
    weight_kg: Weight | SkipJsonSchema[None] = None
    price_ceiling: MoneyIn | SkipJsonSchema[None] = None
    equipment: Equipment | SkipJsonSchema[None] = None

    _no_nulls = field_validator("*", mode="before")(not_null)


class PickupOut(Output):
    address: str
    lat: float
    lon: float
    ready_at: Time


class DropoffOut(Output):
    address: str
    lat: float
    lon: float
    due_at: Time


class BookingOut(Output):
    """A booking. `carrier_id` and `awarded_bid_id` are set while it is awarded, covered or delivered."""

    id: UUID
    company_id: UUID
    status: BookingStatus
    pickup: PickupOut
    dropoff: DropoffOut
    weight_kg: int
    price_ceiling: MoneyOut
    equipment: Equipment
    carrier_id: UUID | None
    awarded_bid_id: UUID | None
    created_at: Time
    updated_at: Time


class BookingPage(Output):
    items: list[BookingOut]
    next_cursor: str | None


class BookingPart(StrEnum):
    """What a list of bookings shows with each, when it is asked to."""

    SHIPPER = "shipper"


class BookingWithShipperOut(BookingOut):
    """A booking, and who wants it carried."""

    shipper: CompanyBrief


class BookingWithShipperPage(Output):
    items: list[BookingWithShipperOut]
    next_cursor: str | None


class ListedBookingOut(BookingOut):
    """A booking of a list. `shipper`, who wants it carried, is there with `include=shipper` and not without."""

    shipper: Annotated[CompanyBrief | SkipJsonSchema[None], left_out()] = None


class ListedBookingPage(Output):
    items: list[ListedBookingOut]
    next_cursor: str | None


# The list has one of the two shapes above, and the OpenAPI document describes both as this one. Many code generators
# read only the first of a choice between two schemas, and their clients would lose the shipper.
