"""What a company adds hangs on its own deal: each forgery tried with raw SQL, as the role that tenants' units have."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from crossdock.ids import new_id
from tests.library.rows import Made, insertion, make_rows
from tests.world import Server, database_name

SHIPPER, CARRIER, STRANGER = new_id(), new_id(), new_id()
NAMES = {"shipper": SHIPPER, "carrier": CARRIER, "stranger": STRANGER}


@dataclass(frozen=True, slots=True)
class Deal:
    """A row of each of two companies in every table; of the shipper also a booking that is open."""

    connection: asyncpg.Connection
    made: Made
    open_booking_id: UUID

    def row(self, table: str, owner: UUID = SHIPPER, **changes: Any) -> dict[str, Any]:
        return self.made.rows[owner, table] | changes

    def id_of(self, table: str, owner: UUID) -> UUID:
        found: UUID = self.made.rows[owner, table]["id"]
        return found

    async def is_added(self, who: str, table: str, row: dict[str, Any]) -> bool:
        """Whether the policies let a company add a row. Nothing stays."""
        transaction = self.connection.transaction()
        await transaction.start()
        try:
            await self.connection.execute("SET LOCAL ROLE crossdock_app")
            await self.connection.execute(
                "SELECT set_config('crossdock.company_id', $1, true), set_config('crossdock.company_kind', $2, true)",
                str(NAMES[who]),
                "both",
            )
            await self.connection.execute(insertion(table, row))
        except asyncpg.InsufficientPrivilegeError as error:
            assert "row-level security" in str(error)
            return False
        finally:
            await transaction.rollback()
        return True


@pytest.fixture(scope="module")
async def deal(server: Server, template: str) -> AsyncIterator[Deal]:
    """On a database of its own: the rows are made up."""
    name = database_name("deals")
    await server.copy(name, template)
    connection = await server.connect(name)
    made = await make_rows(connection, SHIPPER, CARRIER)
    await connection.execute(insertion("bookings", made.rows[SHIPPER, "bookings"] | {"status": "open"}))
    booking_id = await connection.fetchval("SELECT id FROM bookings WHERE status = 'open'")
    yield Deal(connection, made, booking_id)
    await connection.close()
    await server.drop(name)


def bid(deal: Deal, **changes: Any) -> dict[str, Any]:
    """The carrier's offer for the shipper's open booking, and what is wrong with it."""
    return deal.row("bids", booking_id=deal.open_booking_id) | changes


async def test_an_honest_bid_is_added(deal: Deal) -> None:
    """For an open booking, with its own company as the shipper."""
    assert await deal.is_added("carrier", "bids", bid(deal))


FORGED: dict[str, dict[str, Any]] = {
    "rejected": {"status": "rejected"},
    "awarded": {"status": "awarded", "hold_id": new_id()},
    "accepted": {"status": "accepted", "hold_id": new_id()},
    "with a hold": {"hold_id": new_id()},
    "with an end": {"award_expires_at": "2030-01-01T00:00:00Z"},
    "with another shipper": {"shipper_id": STRANGER},
    "for another carrier": {"company_id": STRANGER},
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_bid_is_refused(deal: Deal, name: str) -> None:
    """It cannot begin as won, with a hold of anybody's, with a shipper whose booking it is not, or for another."""
    assert not await deal.is_added("carrier", "bids", bid(deal, **FORGED[name]))


async def test_no_bid_on_what_is_not_open(deal: Deal) -> None:
    """Neither on a draft, which the carrier cannot see, nor on a booking that does not exist."""
    for booking_id in (deal.id_of("bookings", SHIPPER), new_id()):
        assert not await deal.is_added("carrier", "bids", bid(deal, booking_id=booking_id))


async def test_a_bookings_history_is_its_companys(deal: Deal) -> None:
    """Not of another company's booking, under whichever name."""
    assert await deal.is_added("shipper", "booking_history", deal.row("booking_history"))
    for other in (deal.id_of("bookings", CARRIER), new_id()):
        assert not await deal.is_added("shipper", "booking_history", deal.row("booking_history", booking_id=other))
    assert not await deal.is_added("carrier", "booking_history", deal.row("booking_history"))


async def test_a_bids_history_is_its_parties(deal: Deal) -> None:
    """Both of them add to it, and name each other; a stranger does not, also when it names itself."""
    for party in ("shipper", "carrier"):
        assert await deal.is_added(party, "bid_history", deal.row("bid_history"))
    for forged in ({"shipper_id": STRANGER}, {"bid_id": deal.id_of("bids", CARRIER)}, {"bid_id": new_id()}):
        assert not await deal.is_added("carrier", "bid_history", deal.row("bid_history", **forged))
    for named in ({}, {"company_id": STRANGER}, {"shipper_id": STRANGER}):
        assert not await deal.is_added("stranger", "bid_history", deal.row("bid_history", **named))


async def test_a_shipments_history_is_its_parties(deal: Deal) -> None:
    """The same for a shipment."""
    for party in ("shipper", "carrier"):
        assert await deal.is_added(party, "shipment_history", deal.row("shipment_history"))
    for forged in ({"shipper_id": STRANGER}, {"shipment_id": deal.id_of("shipments", CARRIER)}):
        assert not await deal.is_added("carrier", "shipment_history", deal.row("shipment_history", **forged))
    for named in ({}, {"carrier_id": STRANGER}, {"shipper_id": STRANGER}):
        assert not await deal.is_added("stranger", "shipment_history", deal.row("shipment_history", **named))


@pytest.mark.parametrize("table", ["shipment_events", "proofs_of_delivery"])
async def test_only_the_carrier_tells_of_its_shipment(deal: Deal, table: str) -> None:
    """Where the goods are, and who signed for them: not the shipper, not a stranger, not of another shipment."""
    told = deal.row(table)
    if table == "proofs_of_delivery":  # one per shipment: the made up one is out of the way
        await deal.connection.execute("DELETE FROM proofs_of_delivery")
    assert await deal.is_added("carrier", table, told)
    assert not await deal.is_added("shipper", table, told)
    for forged in (
        {"shipper_id": STRANGER},
        {"shipment_id": deal.id_of("shipments", CARRIER)},
        {"carrier_id": SHIPPER},
    ):
        assert not await deal.is_added("carrier", table, told | forged)
    for named in ({}, {"carrier_id": STRANGER}):
        assert not await deal.is_added("stranger", table, told | named)


async def test_a_users_history_is_of_a_colleague(deal: Deal) -> None:
    """Not of another company's people."""
    assert await deal.is_added("shipper", "user_history", deal.row("user_history"))
    for user_id in (deal.id_of("users", CARRIER), new_id()):
        assert not await deal.is_added("shipper", "user_history", deal.row("user_history", user_id=user_id))


async def test_team_and_member_are_of_one_company(deal: Deal) -> None:
    """Neither another company's user in an own team, nor an own user in another's team."""
    await deal.connection.execute("DELETE FROM team_members")
    assert await deal.is_added("shipper", "team_members", deal.row("team_members"))
    for forged in ({"user_id": deal.id_of("users", CARRIER)}, {"team_id": deal.id_of("teams", CARRIER)}):
        assert not await deal.is_added("shipper", "team_members", deal.row("team_members", **forged))
