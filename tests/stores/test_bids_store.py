"""The contract of the bids store, over every implementation, on a real PostgreSQL."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from crossdock.documents import Page, decode_cursor
from crossdock.errors import Forbidden
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.tenancy import Platform
from crossdock.transaction import Database, Unit
from crossdock.transaction.faults import violated_constraint
from freight.modules.bids.schemas.offers import BidOut, BidPage, BookingWithBidsOut
from freight.modules.bids.store import BidHistoryRow, BidRow, BidStatus, BidStore
from freight.modules.bookings.api import BookingOut
from freight.modules.bookings.store import BookingRow, BookingStatus, BookingStore
from freight.tenancy import CompanyScope
from tests.stores.implementations import implementations
from tests.stores.rows import PLATFORM, bid_row, booking_row, now, own_database, tenant, won
from tests.world import Server

MakeStore = Callable[[Unit], BidStore]


@pytest.fixture(scope="module")
async def database(server: Server, template: str, registry: Registry) -> AsyncIterator[Database]:
    async with own_database(server, template, registry, "bids_store") as opened:
        yield opened


@pytest.fixture(params=implementations(BidStore), ids=lambda implementation: implementation.__name__)
def store(request: pytest.FixtureRequest) -> MakeStore:
    made: MakeStore = request.param
    return made


@dataclass(slots=True)
class Auction:
    """An open booking, its shipper, and a function to bid on it."""

    database: Database
    store: MakeStore
    shipper: CompanyScope
    booking: BookingRow

    async def bid(self, carrier: CompanyScope | None = None, **changes: Any) -> BidRow:
        row = bid_row(self.booking, carrier or await tenant(self.database, "carrier"), **changes)
        async with self.database.transaction(PLATFORM) as tx:
            assert await self.store(tx).add(row)
        return row

    async def found(self, row: BidRow, scope: CompanyScope | Platform = PLATFORM) -> BidRow | None:
        async with self.database.transaction(scope) as tx:
            return await self.store(tx).get(row.id)


@pytest.fixture
async def auction(database: Database, store: MakeStore) -> Auction:
    shipper = await tenant(database, "shipper")
    booking = booking_row(shipper, status=BookingStatus.OPEN)
    async with database.transaction(PLATFORM) as tx:  # a tenant adds drafts
        await tx.store(BookingStore).add(booking)
    return Auction(database, store, shipper, booking)


async def test_what_is_added_is_found(auction: Auction) -> None:
    """A bid comes back as it was given, to the microsecond, locked or not; an award's fields too."""
    pending = await auction.bid()
    awarded = await auction.bid(status=BidStatus.AWARDED, hold_id=new_id(), award_expires_at=now())
    assert await auction.found(pending) == pending
    assert await auction.found(awarded) == awarded
    async with auction.database.transaction(PLATFORM) as tx:
        assert await auction.store(tx).get(pending.id, lock=True) == pending
        assert await auction.store(tx).get(new_id()) is None


async def test_a_bid_is_its_two_parties(auction: Auction) -> None:
    """The carrier and the booking's company see it; a rival and another shipper do not."""
    carrier = await tenant(auction.database, "carrier")
    row = await auction.bid(carrier)
    assert await auction.found(row, carrier) == row
    assert await auction.found(row, auction.shipper) == row
    for stranger in ("carrier", "shipper", "both"):
        assert await auction.found(row, await tenant(auction.database, stranger)) is None


async def test_one_live_bid_per_carrier(auction: Auction) -> None:
    """A second live bid is refused and leaves the transaction usable; after a withdrawal there is room for one."""
    carrier = await tenant(auction.database, "carrier")
    first = await auction.bid(carrier)
    async with auction.database.transaction(carrier) as tx:
        bids = auction.store(tx)
        assert not await bids.add(bid_row(auction.booking, carrier))
        assert await bids.move(replace(first, status=BidStatus.WITHDRAWN, version=2), from_status=first.status)
        assert await bids.add(bid_row(auction.booking, carrier))


async def test_nobody_bids_for_another(auction: Auction) -> None:
    """The database refuses a bid in another carrier's name."""
    carrier, other = await tenant(auction.database, "carrier"), await tenant(auction.database, "carrier")
    with pytest.raises(Forbidden):
        async with auction.database.transaction(carrier) as tx:
            await auction.store(tx).add(bid_row(auction.booking, other))


async def test_one_winner_per_booking(auction: Auction) -> None:
    """The database refuses a second awarded bid, whatever the code above it thinks."""
    first, second = await auction.bid(), await auction.bid()
    with pytest.raises(Exception, match="uid_bids_one_winner") as refused:
        async with auction.database.transaction(PLATFORM) as tx:
            for bid in (first, second):
                await auction.store(tx).move(won(bid), from_status=BidStatus.PENDING)
    assert violated_constraint(refused.value) == "uid_bids_one_winner"
    assert await auction.found(first) == first


async def test_move_is_a_compare_and_swap(auction: Auction) -> None:
    """It writes status, award, version and time where the status is the expected one, and nothing otherwise."""
    bid = await auction.bid()
    moved = won(bid)
    async with auction.database.transaction(PLATFORM) as tx:
        assert await auction.store(tx).move(moved, from_status=BidStatus.PENDING)
        assert not await auction.store(tx).move(moved, from_status=BidStatus.PENDING)
    assert await auction.found(bid) == moved


async def test_pending_bids_come_in_the_order_of_their_ids(auction: Auction) -> None:
    """Whoever locks several locks them in one order; only the pending ones of this booking are among them."""
    pending = [await auction.bid() for _ in range(3)]
    await auction.bid(status=BidStatus.WITHDRAWN)
    async with auction.database.transaction(PLATFORM) as tx:
        assert await auction.store(tx).pending_of(auction.booking.id) == pending
        assert await auction.store(tx).pending_of(new_id()) == []


async def test_reject_moves_the_pending_ones(auction: Auction) -> None:
    """It counts what it moved, each with its next version, and leaves a bid that is not pending as it is."""
    bid, other, gone = await auction.bid(), await auction.bid(), await auction.bid(status=BidStatus.WITHDRAWN)
    at = now()
    async with auction.database.transaction(PLATFORM) as tx:
        assert await auction.store(tx).reject([bid.id, gone.id], at) == 1
    assert await auction.found(bid) == replace(bid, status=BidStatus.REJECTED, updated_at=at, version=2)
    assert await auction.found(gone) == gone
    assert await auction.found(other) == other


async def test_history_is_the_parties(auction: Auction) -> None:
    """Both parties may add a history row; the database refuses anybody else's."""
    carrier = await tenant(auction.database, "carrier")
    bid = await auction.bid(carrier)
    row = BidHistoryRow(new_id(), bid.id, bid.company_id, bid.shipper_id, None, bid.status, None, None, now())
    for party in (carrier, auction.shipper):
        async with auction.database.transaction(party) as tx:
            await auction.store(tx).add_history([replace(row, id=new_id())])
    stranger = await tenant(auction.database, "carrier")
    with pytest.raises(Forbidden):
        async with auction.database.transaction(stranger) as tx:
            await auction.store(tx).add_history([replace(row, id=new_id())])


async def test_overdue_awards_are_the_longest_overdue_first(auction: Auction) -> None:
    """Awarded bids whose end has come, at most `limit`; not one with time left, nor one that was accepted."""
    at = now() - timedelta(days=3650)  # long before the other tests' rows

    async def awarded(days: int, status: BidStatus = BidStatus.AWARDED) -> BidRow:
        other = booking_row(auction.shipper, status=BookingStatus.OPEN)
        async with auction.database.transaction(PLATFORM) as tx:
            await tx.store(BookingStore).add(other)
        ends = at + timedelta(days=days)
        return await auction.bid(booking_id=other.id, status=status, hold_id=new_id(), award_expires_at=ends)

    second, first, third = await awarded(-1), await awarded(-2), await awarded(0)
    await awarded(1)
    await awarded(-3, BidStatus.ACCEPTED)
    async with auction.database.transaction(PLATFORM) as tx:
        assert await auction.store(tx).overdue_awards(at, 9) == [first.id, second.id, third.id]
        assert await auction.store(tx).overdue_awards(at, 1) == [first.id]
        assert await auction.store(tx).overdue_awards(at, 1, {first.id, third.id}) == [second.id]


async def test_the_document_is_the_schema(auction: Auction) -> None:
    """What HTTP answers is the row in the shape of `BidOut`, with its version."""
    row = await auction.bid(status=BidStatus.AWARDED, hold_id=new_id(), award_expires_at=now(), version=5)
    async with auction.database.transaction(PLATFORM) as tx:
        document = await auction.store(tx).document(row.id)
        assert await auction.store(tx).document(new_id()) is None
    assert document is not None
    assert document.version == 5
    assert json.loads(document.body) == BidOut.model_validate(row).model_dump(mode="json")


async def test_pages_are_newest_first_whole_and_the_tenant_s(auction: Auction) -> None:
    """The shipper follows the cursor through every bid once; a carrier's page has its own alone."""
    carrier = await tenant(auction.database, "carrier")
    made = [await auction.bid(), await auction.bid(carrier), await auction.bid()]
    async with auction.database.transaction(PLATFORM) as tx:
        first = await auction.store(tx).page(auction.booking.id, Page(2))
        start = BidPage.model_validate_json(first.body)
        rest = await auction.store(tx).page(auction.booking.id, Page(2, decode_cursor(start.next_cursor)))
    async with auction.database.transaction(carrier) as tx:
        own = BidPage.model_validate_json((await auction.store(tx).page(auction.booking.id, Page())).body)
    end = BidPage.model_validate_json(rest.body)
    assert [item.id for item in start.items + end.items] == [bid.id for bid in reversed(made)]
    assert (end.next_cursor, [item.id for item in own.items]) == (None, [made[1].id])


async def test_the_overview_is_a_booking_with_what_the_tenant_sees_of_its_bids(auction: Auction) -> None:
    """The newest first, each with its carrier, at the booking's version; None where the booking is not seen."""
    carrier, stranger = await tenant(auction.database, "carrier"), await tenant(auction.database, "shipper")
    first, second = await auction.bid(version=7), await auction.bid(carrier)
    seen: dict[CompanyScope, list[Any]] = {}
    for scope in (auction.shipper, carrier):
        async with auction.database.transaction(scope) as tx:
            document = await auction.store(tx).overview(auction.booking.id)
        assert document is not None and document.version == auction.booking.version
        overview = BookingWithBidsOut.model_validate_json(document.body)
        assert overview.model_dump(exclude={"bids"}) == BookingOut.model_validate(auction.booking).model_dump()
        seen[scope] = [(bid.id, bid.amount.amount_minor, bid.carrier.id) for bid in overview.bids]
    both = [(bid.id, bid.amount.amount_minor, bid.company_id) for bid in (second, first)]
    assert seen == {auction.shipper: both, carrier: both[:1]}
    async with auction.database.transaction(stranger) as tx:
        assert await auction.store(tx).overview(auction.booking.id) is None
