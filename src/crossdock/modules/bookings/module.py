"""Bookings: loads that shippers want carried."""

from crossdock.kernel.registry import Job, Module, Orm

MODULE = Module(
    name="bookings",
    orm=Orm.TORTOISE,
    summary="loads that shippers want carried, from draft to delivered",
    tables=("bookings", "booking_history"),
    store="BookingStore",
    router="routes:router",
    events=("BookingCreated", "BookingChanged", "BookingMoved"),
    jobs=(Job("expire bookings without a bid in time", "jobs:expire_bookings", every_s=30),),
)
