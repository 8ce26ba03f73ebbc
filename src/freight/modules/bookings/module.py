"""Bookings: loads that shippers want carried."""

from crossdock.registry import Module, Orm

MODULE = Module(
    name="bookings",
    orm=Orm.SQLALCHEMY,
    summary="loads that shippers want carried, from draft to delivered",
    tables=("bookings", "booking_history"),
    store="BookingStore",
    router="routes:router",
    tags={"bookings": "Loads that shippers want carried, from a draft to the delivery."},
    events=("BookingCreated", "BookingChanged", "BookingMoved"),
)
