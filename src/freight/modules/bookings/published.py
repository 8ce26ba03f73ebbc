"""The columns of bookings that documents of other modules may show. Row level security limits them to visible rows."""

from datetime import datetime
from uuid import UUID

from crossdock.documents import Fields, money, part, published
from freight.modules.bookings.store import BookingStatus, Equipment

BOOKINGS = published(
    "bookings",
    id=UUID,
    company_id=UUID,
    status=BookingStatus,
    pickup_address=str,
    pickup_lat=float,
    pickup_lon=float,
    pickup_ready_at=datetime,
    dropoff_address=str,
    dropoff_lat=float,
    dropoff_lon=float,
    dropoff_due_at=datetime,
    weight_kg=int,
    price_ceiling_minor=int,
    currency=str,
    equipment=Equipment,
    carrier_id=UUID | None,
    awarded_bid_id=UUID | None,
    created_at=datetime,
    updated_at=datetime,
    version=int,
)
BOOKING_FIELDS: Fields = {
    "pickup": part(
        address=BOOKINGS.c.pickup_address,
        lat=BOOKINGS.c.pickup_lat,
        lon=BOOKINGS.c.pickup_lon,
        ready_at=BOOKINGS.c.pickup_ready_at,
    ),
    "dropoff": part(
        address=BOOKINGS.c.dropoff_address,
        lat=BOOKINGS.c.dropoff_lat,
        lon=BOOKINGS.c.dropoff_lon,
        due_at=BOOKINGS.c.dropoff_due_at,
    ),
    "price_ceiling": money(BOOKINGS.c.price_ceiling_minor, BOOKINGS.c.currency),
}
"""The nested fields of `BookingOut`, for a document of another module that shows a booking among other things."""
