"""The demo world: every state of the business, made once however often it is asked for."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from crossdock.config.settings import Settings
from freight.demo.stories import STORIES
from freight.demo.world import EMAILS, OPERATOR_EMAIL, PASSWORD
from freight.modules.bids.store import BidStatus
from freight.modules.bookings.store import BookingStatus
from freight.modules.ledger.store import TransferStatus
from freight.modules.shipments.store import ShipmentStatus
from tests.acceptance.process import crossdock
from tests.invariants import ledger_violations
from tests.invariants_marketplace import marketplace_violations
from tests.world import Server, World, database_name, ok

TABLES = (
    "companies",
    "users",
    "teams",
    "bookings",
    "bids",
    "shipments",
    "ledger_transfers",
    "ledger_entries",
    "outbox",
)


@pytest.fixture(scope="module")
async def seeded(server: Server, template: str) -> AsyncIterator[Settings]:
    """A database with the demo world and one further shipper, made by the command."""
    settings = await server.copy(database_name("seeded"), template)
    made = await crossdock("seed", "--scale", "1", "--json", settings=settings)
    assert made.json["played"] == 2 * len(STORIES), made
    yield settings
    await server.drop(settings.direct.database)


@pytest.fixture(scope="module")
async def eyes(server: Server, seeded: Settings) -> AsyncIterator[asyncpg.Connection]:
    connection = await server.connect(seeded.direct.database)
    yield connection
    await connection.close()


async def counts(eyes: asyncpg.Connection) -> dict[str, int]:
    return {table: await eyes.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES}


async def states(eyes: asyncpg.Connection, table: str) -> set[str]:
    return {row["status"] for row in await eyes.fetch(f"SELECT DISTINCT status FROM {table}")}


async def test_twice_is_the_same_as_once(seeded: Settings, eyes: asyncpg.Connection) -> None:
    """A second run finds the world and adds nothing; a larger scale adds what is missing and no more."""
    before = await counts(eyes)
    again = await crossdock("seed", "--scale", "1", "--json", settings=seeded)
    assert (again.status, again.json["played"]) == (0, 0)
    assert await counts(eyes) == before


async def test_every_state_is_there(eyes: asyncpg.Connection) -> None:
    """Of bookings, bids, shipments and the ledger's transfers."""
    assert await states(eyes, "bookings") == set(BookingStatus)
    assert await states(eyes, "bids") == set(BidStatus)
    assert await states(eyes, "shipments") == set(ShipmentStatus)
    found = await eyes.fetch(
        "SELECT DISTINCT CASE WHEN NOT is_pending THEN 'posted' ELSE coalesce(outcome, 'pending') END AS status"
        " FROM ledger_transfers t LEFT JOIN ledger_resolutions r ON r.transfer_id = t.id"
    )
    assert {row["status"] for row in found} == set(TransferStatus)


async def test_the_world_keeps_the_rules(eyes: asyncpg.Connection) -> None:
    """Its books balance and its histories reproduce its states, as those of any other company."""
    assert await marketplace_violations(eyes) == []
    assert await ledger_violations(eyes) == []


async def test_nothing_happens_in_the_future(eyes: asyncpg.Connection) -> None:
    """What has happened happened before now; what is open stays open for days."""
    for table in ("booking_history", "bid_history", "shipment_history", "shipment_events", "ledger_entries"):
        assert await eyes.fetchval(f"SELECT max(created_at) <= now() FROM {table}")
    assert await eyes.fetchval(
        "SELECT min(pickup_ready_at) > now() + interval '7 days' FROM bookings WHERE status = 'open'"
    )
    assert await eyes.fetchval(
        "SELECT min(award_expires_at) > now() + interval '7 days' FROM bids WHERE status = 'awarded'"
    )


async def test_everyone_signs_in(seeded: Settings) -> None:
    """An admin, a manager and an employee of both companies, in two teams each."""
    async with World.open(seeded) as world:
        for email in EMAILS:
            async with world.client() as http:
                answer = ok(await http.post("/v1/auth/token", data={"username": email, "password": PASSWORD}))
            async with world.client(answer["access_token"]) as http:
                me = ok(await http.get("/v1/me"))
                teams = ok(await http.get("/v1/teams"))["items"]
            assert me["email"] == email
            assert me["role"] == email.partition("@")[0]
            assert len(teams) == 2
            assert all(me["id"] in team["member_ids"] for team in teams)


async def test_the_operator_signs_in(seeded: Settings) -> None:
    """One of the platform's own, who has no part in the companies' business."""
    async with World.open(seeded) as world, world.client() as http:
        answer = ok(await http.post("/v1/auth/token", data={"username": OPERATOR_EMAIL, "password": PASSWORD}))
        async with world.client(answer["access_token"]) as signed_in:
            assert ok(await signed_in.get("/v1/me"))["role"] == "operator"
            ok(await signed_in.get("/v1/teams"), 403)
