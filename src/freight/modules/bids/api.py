"""What other modules may call of bids. Each function works in the caller's transaction."""

from freight.modules.bids.service import (
    accept_bid,
    award_bid,
    cancel_booking,
    cancel_shipment,
    decline_bid,
    place_bid,
    withdraw_bid,
)
from freight.modules.bids.store import BidRow as Bid
from freight.modules.bids.store import BidStatus

__all__ = [
    "Bid",
    "BidStatus",
    "accept_bid",
    "award_bid",
    "cancel_booking",
    "cancel_shipment",
    "decline_bid",
    "place_bid",
    "withdraw_bid",
]
