"""What the demo world's stories are played with: a clock that is set by hand, the companies, and steps they share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

import orjson

from crossdock.clock import FixedClock
from crossdock.documents import Page
from crossdock.transaction import Database, Transaction
from freight.demo.cast import Crew
from freight.demo.loads import Load
from freight.modules.accounts.api import Caller
from freight.modules.bids import service as bids
from freight.modules.bids.config import BidsSettings
from freight.modules.bids.store import BidRow
from freight.modules.bookings import service as bookings
from freight.modules.bookings.store import BookingRow
from freight.modules.shipments import service as shipments
from freight.modules.shipments.store import EventType, ShipmentReads
from freight.money import Money

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Stage:
    """The companies of a story, and the steps that they take. `carrier` wins the bids, the `rivals` lose them."""

    database: Database
    clock: FixedClock
    shipper: Crew
    carrier: Crew
    rivals: tuple[Crew, ...]

    def wait(self, hours: float) -> None:
        self.clock.advance(timedelta(hours=hours))

    def acceptable_for(self, *, days: int = 0, hours: int = 0) -> None:
        """Sets how long the carrier has to accept the awards that are made from now on."""
        ttl = timedelta(days=days, hours=hours)
        self.database.module_settings[BidsSettings] = BidsSettings(award_ttl_s=int(ttl.total_seconds()))

    async def do(
        self,
        who: Caller,
        verb: Callable[Concatenate[Transaction, Caller, Arguments], Awaitable[Result]],
        *what: Arguments.args,
        **how: Arguments.kwargs,
    ) -> Result:
        """Calls one verb of the business for one person, in a transaction of its own, as a request of theirs would."""
        async with self.database.transaction(who.tenant, elevates=True) as tx:
            return await verb(tx, who, *what, **how)

    async def draft(self, load: Load, *, pickup_in_h: float) -> BookingRow:
        pickup_at = self.clock.now() + timedelta(hours=pickup_in_h)
        return await self.do(
            self.shipper.employee,
            bookings.create_booking,
            pickup=load.pickup(pickup_at),
            dropoff=load.dropoff(pickup_at),
            weight_kg=load.weight_kg,
            price_ceiling=load.ceiling,
            equipment=load.equipment,
        )

    async def publish(self, load: Load, *, pickup_in_h: float) -> BookingRow:
        booking = await self.draft(load, pickup_in_h=pickup_in_h)
        self.wait(hours=1)
        return await self.do(self.shipper.manager, bookings.publish_booking, booking.id)

    async def bid(self, crew: Crew, booking: BookingRow, *, percent: int) -> BidRow:
        """A bid of so many percent of the ceiling, with the truck an hour after the load is ready."""
        self.wait(hours=0.5)
        amount = Money(booking.price_ceiling.amount_minor * percent // 100, booking.price_ceiling.currency)
        eta = booking.pickup.ready_at + timedelta(hours=1)
        return await self.do(crew.employee, bids.place_bid, booking.id, amount=amount, pickup_eta=eta)

    async def award(self, load: Load, *, pickup_in_h: float) -> tuple[BookingRow, BidRow]:
        """Publishes a booking, lets every carrier bid, and awards it to `carrier`."""
        booking = await self.publish(load, pickup_in_h=pickup_in_h)
        for percent, rival in zip((96, 99), self.rivals, strict=True):
            await self.bid(rival, booking, percent=percent)
        winner = await self.bid(self.carrier, booking, percent=92)
        self.wait(hours=1)
        return booking, await self.do(self.shipper.manager, bids.award_bid, winner.id)

    async def cover(self, load: Load, *, pickup_in_h: float) -> UUID:
        """Lets `carrier` accept an award. Returns the id of the shipment."""
        booking, winner = await self.award(load, pickup_in_h=pickup_in_h)
        self.wait(hours=0.5)
        await self.do(self.carrier.manager, bids.accept_bid, winner.id)
        async with self.database.reading(self.carrier.manager.tenant, ShipmentReads) as store:
            shipments_of_it = orjson.loads((await store.page(Page(limit=1), booking.id)).body)
        return UUID(shipments_of_it["items"][0]["id"])

    async def report(self, shipment_id: UUID, load: Load, event: EventType, *, after_h: float) -> None:
        """Reports an event from the place where the truck is."""
        self.wait(hours=after_h)
        dock = load.destination if event is EventType.ARRIVED_AT_DROPOFF else load.origin
        await self.do(
            self.carrier.employee,
            shipments.record_event,
            shipment_id,
            type=event,
            occurred_at=self.clock.now() - timedelta(minutes=2),
            lat=dock.lat,
            lon=dock.lon,
        )
