"""The tables of states: every state is in them, and each can be reached from the first one."""

from enum import StrEnum
from typing import Any

import pytest

from freight.modules.bids import states as bids
from freight.modules.bids.store import BidStatus
from freight.modules.bookings import states as bookings
from freight.modules.bookings.store import BookingStatus
from freight.modules.shipments import states as shipments
from freight.modules.shipments.store import ShipmentStatus
from freight.states import States

TABLES = [
    pytest.param(bookings.STATES, BookingStatus.DRAFT, id="bookings"),
    pytest.param(bids.STATES, BidStatus.PENDING, id="bids"),
    pytest.param(shipments.STATES, ShipmentStatus.PLANNED, id="shipments"),
]


@pytest.mark.parametrize(("states", "first"), TABLES)
def test_every_state_can_be_reached(states: States[Any, Any, Any], first: StrEnum) -> None:
    """No state is forgotten in the table, and none is there that no path leads to."""
    reached, waiting = {first}, [first]
    while waiting:
        following = set(states.following[waiting.pop()]) - reached
        reached |= following
        waiting += following
    assert reached == set(type(first)) == set(states.following)
