"""Bookings: loads that shippers want carried."""

from crossdock.kernel.registry import Module, Orm

MODULE = Module(
    name="bookings",
    orm=Orm.TORTOISE,
    summary="loads that shippers want carried, from draft to delivered",
    tables=("bookings", "booking_history"),
    store="BookingStore",
    router="routes:router",
    events=("BookingCreated", "BookingChanged", "BookingMoved"),
)
