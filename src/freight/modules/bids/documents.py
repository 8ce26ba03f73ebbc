"""The JSON documents of bids that PostgreSQL builds: a booking with its bids."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam

from crossdock.documents import Single, money, published, row, rows
from freight.modules.bids.schemas.offers import BIDS_SHOWN_MAX, BookingWithBidsOut
from freight.modules.bids.store import BidStatus
from freight.modules.bookings.api import BOOKING_FIELDS, BOOKINGS
from freight.modules.companies.api import COMPANIES

BIDS = published(
    "bids",
    id=UUID,
    booking_id=UUID,
    company_id=UUID,
    status=BidStatus,
    amount_minor=int,
    currency=str,
    pickup_eta=datetime,
    created_at=datetime,
)

booking_with_bids = Single(
    BookingWithBidsOut,
    BOOKINGS,
    {
        **BOOKING_FIELDS,
        "bids": rows(
            BIDS,
            on=BIDS.c.booking_id == BOOKINGS.c.id,
            order_by=BIDS.c.id.desc(),
            limit=BIDS_SHOWN_MAX,
            fields={
                "amount": money(BIDS.c.amount_minor, BIDS.c.currency),
                "carrier": row(COMPANIES, on=COMPANIES.c.id == BIDS.c.company_id),
            },
        ),
    },
    where=BOOKINGS.c.id == bindparam("booking_id"),
    version=BOOKINGS.c.version,
)
