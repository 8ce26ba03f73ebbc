"""The JSON documents of bookings, which PostgreSQL builds in the shape of the response schemas."""

from sqlalchemy import Boolean, Uuid, bindparam, func

from crossdock.documents import AccessPath, Fields, Listing, Single, money, part, row
from freight.modules.bookings.models_sqlalchemy import Booking
from freight.modules.bookings.schemas import BookingOut, BookingPage, BookingWithShipperPage
from freight.modules.bookings.store import BookingStatus
from freight.modules.companies.api import COMPANIES

CURRENT_COMPANY = func.current_company_id(type_=Uuid())
"""The company on whose behalf a statement runs."""
CURRENT_COMPANY_CARRIES = func.current_company_carries(type_=Boolean())
"""Does it see what is open to those who carry?"""

BOOKING: Fields = {
    "pickup": part(
        address=Booking.pickup_address,
        lat=Booking.pickup_lat,
        lon=Booking.pickup_lon,
        ready_at=Booking.pickup_ready_at,
    ),
    "dropoff": part(
        address=Booking.dropoff_address,
        lat=Booking.dropoff_lat,
        lon=Booking.dropoff_lon,
        due_at=Booking.dropoff_due_at,
    ),
    "price_ceiling": money(Booking.price_ceiling_minor, Booking.currency),
}
FILTERS = {"status": Booking.status == bindparam("status")}

# As the policy bookings_read has them.
PATHS = (
    AccessPath(Booking.company_id, CURRENT_COMPANY),
    AccessPath(Booking.carrier_id, CURRENT_COMPANY),
    AccessPath(Booking.status, BookingStatus.OPEN, when=CURRENT_COMPANY_CARRIES),
)

# Newest first. No company is named here: row level security shows what the tenant may see.
booking = Single(BookingOut, Booking, BOOKING, where=Booking.id == bindparam("booking_id"), version=Booking.version)
bookings = Listing(BookingPage, Booking, BOOKING, order_by=Booking.id.desc(), filters=FILTERS, paths=PATHS)
bookings_with_shipper = Listing(
    BookingWithShipperPage,
    Booking,
    {**BOOKING, "shipper": row(COMPANIES, on=COMPANIES.c.id == Booking.company_id)},
    order_by=Booking.id.desc(),
    filters=FILTERS,
    paths=PATHS,
)
