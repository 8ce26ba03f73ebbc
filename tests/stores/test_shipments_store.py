"""The contract of the shipments store, over every implementation, on a real PostgreSQL."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from crossdock.documents import Page, decode_cursor
from crossdock.errors import Forbidden
from crossdock.guards import QueryPerRow
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.transaction import Database, Unit
from crossdock.transaction.faults import violated_constraint
from freight.modules.bids.store import BidRow, BidStatus, BidStore
from freight.modules.bookings.store import BookingStatus, BookingStore
from freight.modules.shipments.schemas import EVENTS_SHOWN_MAX, ShipmentOut, ShipmentPage
from freight.modules.shipments.store import (
    EventType,
    ProofRow,
    ShipmentEventRow,
    ShipmentHistoryRow,
    ShipmentRow,
    ShipmentStatus,
    ShipmentStore,
)
from freight.tenancy import CompanyScope
from tests.stores.implementations import implementations
from tests.stores.rows import PLATFORM, bid_row, booking_row, now, own_database, shipment_row, tenant
from tests.world import Server

MakeStore = Callable[[Unit], ShipmentStore]


@pytest.fixture(scope="module")
async def database(server: Server, template: str, registry: Registry) -> AsyncIterator[Database]:
    async with own_database(server, template, registry, "shipments_store") as opened:
        yield opened


@pytest.fixture(params=implementations(ShipmentStore), ids=lambda implementation: implementation.__name__)
def store(request: pytest.FixtureRequest) -> MakeStore:
    made: MakeStore = request.param
    return made


@dataclass(slots=True)
class Dock:
    """A shipper and a carrier, and a way to put shipments between them."""

    database: Database
    store: MakeStore
    shipper: CompanyScope
    carrier: CompanyScope

    async def bid(self) -> BidRow:
        booking = booking_row(self.shipper, status=BookingStatus.OPEN)
        bid = bid_row(booking, self.carrier, status=BidStatus.ACCEPTED, hold_id=new_id())
        async with self.database.transaction(PLATFORM) as tx:
            await tx.store(BookingStore).add(booking)
            await tx.store(BidStore).add(bid)
        return bid

    async def shipment(self, **changes: Any) -> ShipmentRow:
        row = shipment_row(await self.bid(), **changes)
        async with self.database.transaction(PLATFORM) as tx:
            await self.store(tx).add(row)
        return row

    async def found(self, row: ShipmentRow, scope: CompanyScope) -> ShipmentRow | None:
        async with self.database.transaction(scope) as tx:
            return await self.store(tx).get(row.id)

    async def shown(self, row: ShipmentRow) -> ShipmentOut:
        async with self.database.transaction(self.shipper) as tx:
            document = await self.store(tx).document(row.id)
        assert document is not None
        assert document.version == row.version
        return ShipmentOut.model_validate_json(document.body)


@pytest.fixture
async def dock(database: Database, store: MakeStore) -> Dock:
    return Dock(database, store, await tenant(database, "shipper"), await tenant(database, "carrier"))


def event_row(shipment: ShipmentRow, **changes: Any) -> ShipmentEventRow:
    row = ShipmentEventRow(
        id=new_id(),
        shipment_id=shipment.id,
        shipper_id=shipment.shipper_id,
        carrier_id=shipment.carrier_id,
        type=EventType.POSITION,
        occurred_at=now(),
        lat=50.85,
        lon=4.35,
        actor_id=None,
        created_at=now(),
    )
    return replace(row, **changes)


def proof_row(shipment: ShipmentRow) -> ProofRow:
    return ProofRow(
        id=new_id(),
        shipment_id=shipment.id,
        shipper_id=shipment.shipper_id,
        carrier_id=shipment.carrier_id,
        signed_by="Marta Koenig",
        document_sha256="ab" * 32,
        actor_id=None,
        created_at=now(),
    )


async def test_what_is_added_is_found_by_both_parties(dock: Dock) -> None:
    """A shipment comes back to shipper and carrier as it was given, and to nobody else."""
    row = await dock.shipment(last_event_at=now())
    assert await dock.found(row, dock.shipper) == row
    assert await dock.found(row, dock.carrier) == row
    for kind in ("shipper", "carrier", "both"):
        assert await dock.found(row, await tenant(dock.database, kind)) is None


async def test_only_the_platform_makes_shipments(dock: Dock) -> None:
    """A tenant has no right to insert one, its own or another's."""
    bid = await dock.bid()
    with pytest.raises(Forbidden):
        async with dock.database.transaction(dock.carrier) as tx:
            await dock.store(tx).add(shipment_row(bid))


async def test_both_parties_lock_and_nobody_else(dock: Dock) -> None:
    """The verbs of both parties lock the row as the tenant."""
    row = await dock.shipment()
    for party in (dock.shipper, dock.carrier):
        async with dock.database.transaction(party) as tx:
            assert await dock.store(tx).get(row.id, lock=True) == row
    async with dock.database.transaction(await tenant(dock.database, "carrier")) as tx:
        assert await dock.store(tx).get(row.id, lock=True) is None


async def test_one_live_shipment_per_booking(dock: Dock) -> None:
    """A second one is refused by the database, until the first is cancelled."""
    row = await dock.shipment()
    second = replace(row, id=new_id())
    with pytest.raises(Exception, match="uid_shipments_one_live") as refused:
        async with dock.database.transaction(PLATFORM) as tx:
            await dock.store(tx).add(second)
    assert violated_constraint(refused.value) == "uid_shipments_one_live"
    async with dock.database.transaction(PLATFORM) as tx:
        await dock.store(tx).move(replace(row, status=ShipmentStatus.CANCELLED), from_status=row.status)
        await dock.store(tx).add(second)


async def test_move_is_a_compare_and_swap(dock: Dock) -> None:
    """It writes status, last event, version and time where the status is the expected one, and nothing otherwise."""
    row = await dock.shipment()
    moved = replace(row, status=ShipmentStatus.AT_PICKUP, last_event_at=now(), updated_at=now(), version=2)
    async with dock.database.transaction(dock.carrier) as tx:
        assert await dock.store(tx).move(moved, from_status=ShipmentStatus.PLANNED)
        assert not await dock.store(tx).move(moved, from_status=ShipmentStatus.PLANNED)
    assert await dock.found(row, dock.carrier) == moved


async def test_the_document_has_events_and_proof(dock: Dock) -> None:
    """What HTTP answers is the row, its events oldest first, and its proof once there is one."""
    row = await dock.shipment(version=4)
    bare = await dock.shown(row)
    assert (bare.events, bare.proof_of_delivery) == ([], None)
    events = [event_row(row, type=EventType.ARRIVED_AT_PICKUP), event_row(row, type=EventType.DETENTION)]
    proof = proof_row(row)
    async with dock.database.transaction(dock.carrier) as tx:
        for event in events:
            await dock.store(tx).add_event(event)
        await dock.store(tx).add_proof(proof)
    shown = await dock.shown(row)
    for event, told in zip(events, shown.events, strict=True):
        assert all(getattr(event, name) == value for name, value in told)
    assert shown.proof_of_delivery is not None
    assert all(getattr(proof, name) == value for name, value in shown.proof_of_delivery)
    assert all(
        getattr(row, name) == value for name, value in shown if name not in {"events", "proof_of_delivery", "amount"}
    )
    assert (shown.amount.amount_minor, shown.amount.currency) == (row.amount.amount_minor, row.amount.currency)


@pytest.mark.allows(QueryPerRow, "it has many events, each of its own time")
async def test_a_long_journey_shows_its_newest_events(dock: Dock) -> None:
    """However many positions a truck sends, a shipment's answer stays bounded."""
    row = await dock.shipment()
    start = now()
    async with dock.database.transaction(dock.carrier) as tx:
        for n in range(EVENTS_SHOWN_MAX + 3):
            await dock.store(tx).add_event(event_row(row, occurred_at=start + timedelta(seconds=n)))
    shown = (await dock.shown(row)).events
    assert [event.occurred_at for event in shown] == [
        start + timedelta(seconds=n) for n in range(3, EVENTS_SHOWN_MAX + 3)
    ]


async def test_a_shipment_is_proved_once(dock: Dock) -> None:
    """The database refuses a second proof."""
    row = await dock.shipment()
    with pytest.raises(Exception, match="unique"):
        async with dock.database.transaction(dock.carrier) as tx:
            for _ in range(2):
                await dock.store(tx).add_proof(proof_row(row))


async def test_a_stranger_adds_nothing(dock: Dock) -> None:
    """Events, history and proof of a shipment that is not one's own are refused by the database."""
    row = await dock.shipment()
    history = ShipmentHistoryRow(new_id(), row.id, row.shipper_id, row.carrier_id, None, row.status, None, None, now())
    stranger = await tenant(dock.database, "carrier")

    async def refused(write: Callable[[ShipmentStore], Any]) -> None:
        with pytest.raises(Forbidden):
            async with dock.database.transaction(stranger) as tx:
                await write(dock.store(tx))

    await refused(lambda shipments: shipments.add_event(event_row(row)))
    await refused(lambda shipments: shipments.add_proof(proof_row(row)))
    await refused(lambda shipments: shipments.add_history([history]))
    async with dock.database.transaction(dock.shipper) as tx:
        await dock.store(tx).add_history([history])


async def test_pages_are_newest_first_whole_and_filtered(dock: Dock) -> None:
    """Following the cursor gives every shipment of the tenant once; a booking's id leaves the others out."""
    made = [await dock.shipment() for _ in range(3)]
    async with dock.database.transaction(dock.carrier) as tx:
        start = ShipmentPage.model_validate_json((await dock.store(tx).page(Page(2), None)).body)
        rest = await dock.store(tx).page(Page(2, decode_cursor(start.next_cursor)), None)
        one = json.loads((await dock.store(tx).page(Page(), made[0].booking_id)).body)
    end = ShipmentPage.model_validate_json(rest.body)
    assert [item.id for item in start.items + end.items] == [row.id for row in reversed(made)]
    assert end.next_cursor is None
    assert [item["id"] for item in one["items"]] == [str(made[0].id)]
