"""Which columns hold a booking. Both stores read and write by this one mapping, so they cannot differ."""

from collections.abc import Mapping
from typing import Any

from freight.modules.bookings.store import BookingRow, BookingStatus, Dropoff, Equipment, Pickup
from freight.money import Money

DETAILS = (
    *("pickup_address", "pickup_lat", "pickup_lon", "pickup_ready_at"),
    *("dropoff_address", "dropoff_lat", "dropoff_lon", "dropoff_due_at"),
    *("weight_kg", "equipment", "price_ceiling_minor", "currency"),
)
"""What the shipper says about the load, and may change while it is a draft."""
STATE = ("status", "carrier_id", "awarded_bid_id", "updated_at", "version")
"""What a change of state writes."""


def details_of(booking: BookingRow) -> dict[str, Any]:
    """The values of the DETAILS columns, by their names."""
    return {
        "pickup_address": booking.pickup.address,
        "pickup_lat": booking.pickup.lat,
        "pickup_lon": booking.pickup.lon,
        "pickup_ready_at": booking.pickup.ready_at,
        "dropoff_address": booking.dropoff.address,
        "dropoff_lat": booking.dropoff.lat,
        "dropoff_lon": booking.dropoff.lon,
        "dropoff_due_at": booking.dropoff.due_at,
        "weight_kg": booking.weight_kg,
        "equipment": booking.equipment,
        "price_ceiling_minor": booking.price_ceiling.amount_minor,
        "currency": booking.price_ceiling.currency,
    }


def state_of(booking: BookingRow) -> dict[str, Any]:
    """The values of the STATE columns, by their names."""
    return {name: getattr(booking, name) for name in STATE}


def all_of(booking: BookingRow) -> dict[str, Any]:
    """The values of every column, for an INSERT."""
    keys = {"id": booking.id, "company_id": booking.company_id, "created_at": booking.created_at}
    return keys | details_of(booking) | state_of(booking)


def booking_of(values: Mapping[Any, Any]) -> BookingRow:
    """The booking that a table row holds, given its values by column name. An enum may come as its text."""
    return BookingRow(
        id=values["id"],
        company_id=values["company_id"],
        status=BookingStatus(values["status"]),
        pickup=Pickup(values["pickup_address"], values["pickup_lat"], values["pickup_lon"], values["pickup_ready_at"]),
        dropoff=Dropoff(
            values["dropoff_address"], values["dropoff_lat"], values["dropoff_lon"], values["dropoff_due_at"]
        ),
        weight_kg=values["weight_kg"],
        equipment=Equipment(values["equipment"]),
        price_ceiling=Money(values["price_ceiling_minor"], values["currency"]),
        carrier_id=values["carrier_id"],
        awarded_bid_id=values["awarded_bid_id"],
        created_at=values["created_at"],
        updated_at=values["updated_at"],
        version=values["version"],
    )
