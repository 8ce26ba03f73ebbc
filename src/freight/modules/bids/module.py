"""Bids: carriers' prices for bookings, and the award that holds the money."""

from crossdock.registry import Job, Module, Orm
from freight.modules.bids.config import BidsSettings

MODULE = Module(
    name="bids",
    orm=Orm.TORTOISE,
    summary="carriers' prices for bookings, and the award that holds the money",
    tables=("bids", "bid_history"),
    store="BidStore",
    router="routes:router",
    tags={"bids": "Carriers' prices for a booking, and the award that holds the money."},
    events=("BidPlaced", "BidMoved"),
    jobs=(
        Job("expire awards that nobody accepted", "jobs:expire_awards", every_s=15),
        Job("expire bookings without an award in time", "jobs:expire_bookings", every_s=30),
    ),
    settings=BidsSettings,
)
