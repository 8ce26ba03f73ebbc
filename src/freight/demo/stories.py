"""What happened in the demo world: a short story for each state that a booking, a bid, a shipment or a transfer has."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from freight.demo import loads
from freight.demo.loads import Load
from freight.demo.stage import Stage
from freight.modules.bids import jobs
from freight.modules.bids import service as bids
from freight.modules.shipments import service as shipments
from freight.modules.shipments.store import EventType

MONTH_H = 30 * 24
"""How far ahead the pickup is where a story ends with an open booking: it stays open for as long."""


async def draft(stage: Stage, load: Load) -> None:
    """A booking that is not published yet."""
    await stage.draft(load, pickup_in_h=MONTH_H)


async def fresh(stage: Stage, load: Load) -> None:
    """An open booking that nobody has bid on."""
    await stage.publish(load, pickup_in_h=MONTH_H)


async def contested(stage: Stage, load: Load) -> None:
    """An open booking with two bids, and a third that was withdrawn."""
    booking = await stage.publish(load, pickup_in_h=MONTH_H)
    regretted = await stage.bid(stage.rivals[1], booking, percent=70)
    await stage.bid(stage.rivals[0], booking, percent=97)
    await stage.do(stage.rivals[1].manager, bids.withdraw_bid, regretted.id)
    await stage.bid(stage.carrier, booking, percent=94)


async def awarded(stage: Stage, load: Load) -> None:
    """An award that waits to be accepted; its amount is held."""
    stage.acceptable_for(days=30)
    await stage.award(load, pickup_in_h=MONTH_H)


async def declined(stage: Stage, load: Load) -> None:
    """The carrier declined: the hold is void, the booking open again."""
    _, winner = await stage.award(load, pickup_in_h=MONTH_H)
    await stage.do(stage.carrier.manager, bids.decline_bid, winner.id)


async def slept_through(stage: Stage, load: Load) -> None:
    """The carrier did not answer in time: award and hold expired, the booking is open again."""
    stage.acceptable_for(hours=1)
    await stage.award(load, pickup_in_h=MONTH_H)
    stage.wait(hours=2)
    await jobs.expire_awards(stage.database)


async def called_off(stage: Stage, load: Load) -> None:
    """The shipper cancelled an open booking: its bid was rejected."""
    booking = await stage.publish(load, pickup_in_h=72)
    await stage.bid(stage.carrier, booking, percent=95)
    await stage.do(
        stage.shipper.manager, bids.cancel_booking, booking.id, reason="The customer took the goods elsewhere."
    )


async def overlooked(stage: Stage, load: Load) -> None:
    """Nobody was awarded before the pickup time: the booking expired."""
    booking = await stage.publish(load, pickup_in_h=12)
    await stage.bid(stage.rivals[0], booking, percent=100)
    stage.wait(hours=12)
    await jobs.expire_bookings(stage.database)


async def broken_down(stage: Stage, load: Load) -> None:
    """The truck broke down before the pickup: the shipment is cancelled, the booking open again."""
    shipment_id = await stage.cover(load, pickup_in_h=MONTH_H)
    await stage.report(shipment_id, load, EventType.BREAKDOWN, after_h=2)
    await stage.do(stage.carrier.manager, bids.cancel_shipment, shipment_id, reason="The reefer unit failed.")


async def planned(stage: Stage, load: Load) -> None:
    """A covered booking whose truck has not left."""
    await stage.cover(load, pickup_in_h=48)


async def at_pickup(stage: Stage, load: Load) -> None:
    """The truck waits at the warehouse, longer than it should."""
    shipment_id = await stage.cover(load, pickup_in_h=12)
    await stage.report(shipment_id, load, EventType.ARRIVED_AT_PICKUP, after_h=12)
    await stage.report(shipment_id, load, EventType.DETENTION, after_h=3)


async def in_transit(stage: Stage, load: Load) -> None:
    """The load is on the road."""
    await _depart(stage, load)


async def at_dropoff(stage: Stage, load: Load) -> None:
    """The truck is being unloaded."""
    await _arrive(stage, load)


async def delivered(stage: Stage, load: Load) -> None:
    """Signed for; the shipper has not accepted the delivery yet."""
    await _deliver(stage, load, signed_by="J. Kowalski")


async def settled(stage: Stage, load: Load) -> None:
    """The delivery was accepted, and the carrier paid less the fee."""
    shipment_id = await _deliver(stage, load, signed_by="M. Fontaine")
    stage.wait(hours=4)
    await stage.do(stage.shipper.manager, shipments.accept_delivery, shipment_id)


async def _depart(stage: Stage, load: Load) -> UUID:
    shipment_id = await stage.cover(load, pickup_in_h=10)
    await stage.report(shipment_id, load, EventType.ARRIVED_AT_PICKUP, after_h=9)
    await stage.report(shipment_id, load, EventType.DEPARTED_PICKUP, after_h=1)
    await stage.report(shipment_id, load, EventType.POSITION, after_h=0.5)
    return shipment_id


async def _arrive(stage: Stage, load: Load) -> UUID:
    shipment_id = await _depart(stage, load)
    await stage.report(shipment_id, load, EventType.ARRIVED_AT_DROPOFF, after_h=load.road_h)
    return shipment_id


async def _deliver(stage: Stage, load: Load, *, signed_by: str) -> UUID:
    shipment_id = await _arrive(stage, load)
    stage.wait(hours=1)
    paper = hashlib.sha256(f"consignment note {shipment_id}".encode()).hexdigest()
    await stage.do(
        stage.carrier.employee, shipments.prove_delivery, shipment_id, signed_by=signed_by, document_sha256=paper
    )
    return shipment_id


@dataclass(frozen=True, slots=True)
class Story:
    """`days_ago` is when it begins; none lasts past now."""

    play: Callable[[Stage, Load], Awaitable[None]]
    load: Load
    days_ago: float


STORIES = (
    Story(settled, loads.COFFEE, 14),
    Story(settled, loads.TOMATOES, 11),
    Story(overlooked, loads.SAMPLES, 9),
    Story(called_off, loads.FLOUR, 8),
    Story(settled, loads.FROZEN_FISH, 7),
    Story(broken_down, loads.CHEESE, 5),
    Story(declined, loads.PALLETS, 4.5),
    Story(slept_through, loads.FLOUR, 4),
    Story(delivered, loads.TOMATOES, 3),
    Story(at_dropoff, loads.COFFEE, 2),
    Story(in_transit, loads.CHEESE, 1.5),
    Story(at_pickup, loads.FROZEN_FISH, 1.2),
    Story(planned, loads.PALLETS, 0.6),
    Story(awarded, loads.COFFEE, 0.5),
    Story(contested, loads.TOMATOES, 0.4),
    Story(fresh, loads.FLOUR, 0.3),
    Story(draft, loads.SAMPLES, 0.1),
)
"""In the order of their beginnings, so that ids, which carry the time of their making, are in the same order."""
