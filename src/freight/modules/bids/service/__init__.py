"""The rules of bids, one function for each verb. Each works in the caller's transaction."""

from freight.modules.bids.service.deal.award import AwardExpired, accept_bid, award_bid, decline_bid
from freight.modules.bids.service.deal.cancel import cancel_booking, cancel_shipment
from freight.modules.bids.service.deal.expire import expire_award, expire_booking
from freight.modules.bids.service.offers import (
    BiddingClosed,
    BidExists,
    BidOnOwnBooking,
    BidOverCeiling,
    CurrencyMismatch,
    EtaAfterDelivery,
    EtaInThePast,
    place_bid,
    withdraw_bid,
)

__all__ = [
    "AwardExpired",
    "BidExists",
    "BidOnOwnBooking",
    "BidOverCeiling",
    "BiddingClosed",
    "CurrencyMismatch",
    "EtaAfterDelivery",
    "EtaInThePast",
    "accept_bid",
    "award_bid",
    "cancel_booking",
    "cancel_shipment",
    "decline_bid",
    "expire_award",
    "expire_booking",
    "place_bid",
    "withdraw_bid",
]
