"""What other modules may do with bids: the verbs of the marketplace. Each works in the caller's transaction."""

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
