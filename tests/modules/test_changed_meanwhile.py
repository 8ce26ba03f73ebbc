"""A row that changed between reading and writing it: a step with the old one is refused, and writes nothing."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from crossdock.errors import ChangedMeanwhile
from crossdock.tenancy import Platform
from crossdock.transaction import Database, Transaction
from freight.modules.bids import states as bid_states
from freight.modules.bids.store import BidStatus, BidStore
from freight.modules.bookings import states as booking_states
from freight.modules.bookings.store import BookingStatus, BookingStore
from freight.modules.shipments import states as shipment_states
from freight.modules.shipments.store import ShipmentStatus, ShipmentStore
from tests.modules.deals import Deal, covered, offered
from tests.world import World

Move = Callable[..., Awaitable[Any]]
Case = tuple[type[Any], Callable[[Deal], str], Callable[[World], Awaitable[Deal]], Move, Any]

CASES: dict[str, Case] = {
    "booking": (BookingStore, lambda deal: deal.booking_id, offered, booking_states.move, BookingStatus.CANCELLED),
    "bid": (BidStore, lambda deal: deal.bid_id, offered, bid_states.move, BidStatus.WITHDRAWN),
    "shipment": (ShipmentStore, lambda deal: deal.shipment_id, covered, shipment_states.move, ShipmentStatus.CANCELLED),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
async def test_an_old_row_is_not_moved(world: World, database: Database, case: Case) -> None:
    """Its own error, and not one about states: which one it is in now is not known."""
    contract, id_of, make, move, to = case
    row_id = UUID(id_of(await make(world)))

    async def stored(tx: Transaction) -> Any:
        return await tx.store(contract).get(row_id)

    async with database.transaction(Platform("test")) as tx:
        old = await stored(tx)
        moved = await move(tx, old, to)
        with pytest.raises(ChangedMeanwhile) as refused:
            await move(tx, old, to)
        assert (refused.value.code, refused.value.details) == ("changed_meanwhile", {})
        assert await stored(tx) == moved
