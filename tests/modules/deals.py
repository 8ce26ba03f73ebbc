"""A deal and its two parties, each step of it over HTTP, for the tests of the marketplace."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from crossdock.clock import Clock
from crossdock.transaction import Database
from freight.app import create_app
from tests.invariants_marketplace import marketplace_violations
from tests.world import Person, Server, World, database_name, ok

JOURNEY = ("arrived_at_pickup", "departed_pickup", "arrived_at_dropoff")
SIGNATURE = {"signed_by": "Marta Koenig", "document_sha256": "0f" * 32}


def refused(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem, after a check of its status and its code."""
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json"), (
        response.text
    )
    problem: dict[str, Any] = response.json()
    assert problem["code"] == code, problem
    return problem


def event(type_: str = "position", **changes: Any) -> dict[str, Any]:
    """The body of a shipment's event that nothing is wrong with."""
    return {"type": type_, "occurred_at": datetime.now(UTC).isoformat(), "lat": 51.5, "lon": 5.5} | changes


async def funds(person: Person) -> tuple[int, int]:
    """What a company's wallet has available, and what is held of it, in minor units."""
    for account in ok(await person.http.get("/v1/ledger/accounts"))["items"]:
        if account["kind"] == "wallet":
            return account["available"]["amount_minor"], account["pending_out"]["amount_minor"]
    return 0, 0


@dataclass(slots=True)
class Deal:
    """One bid on one booking. A step returns the response, whatever it says."""

    shipper: Person
    carrier: Person
    booking_id: str
    bid_id: str
    shipment_id: str = ""

    async def award(self) -> httpx.Response:
        return await self.shipper.http.post(f"/v1/bids/{self.bid_id}/award")

    async def accept(self) -> httpx.Response:
        return await self.carrier.http.post(f"/v1/bids/{self.bid_id}/accept")

    async def decline(self) -> httpx.Response:
        return await self.carrier.http.post(f"/v1/bids/{self.bid_id}/decline")

    async def withdraw(self) -> httpx.Response:
        return await self.carrier.http.post(f"/v1/bids/{self.bid_id}/withdraw")

    async def cancel_booking(self) -> httpx.Response:
        return await self.shipper.http.post(f"/v1/bookings/{self.booking_id}/cancel")

    async def report(self, type_: str = "position", **changes: Any) -> httpx.Response:
        return await self.carrier.http.post(f"/v1/shipments/{self.shipment_id}/events", json=event(type_, **changes))

    async def prove(self) -> httpx.Response:
        return await self.carrier.http.post(f"/v1/shipments/{self.shipment_id}/proof-of-delivery", json=SIGNATURE)

    async def accept_delivery(self) -> httpx.Response:
        return await self.shipper.http.post(f"/v1/shipments/{self.shipment_id}/accept-delivery")

    async def cancel_shipment(self, person: Person | None = None) -> httpx.Response:
        http = (person or self.shipper).http
        return await http.post(f"/v1/shipments/{self.shipment_id}/cancel", json={"reason": "the goods were sold"})

    async def booking(self) -> dict[str, Any]:
        read: dict[str, Any] = ok(await self.shipper.http.get(f"/v1/bookings/{self.booking_id}"))
        return read

    async def bid(self) -> dict[str, Any]:
        read: dict[str, Any] = ok(await self.shipper.http.get(f"/v1/bids/{self.bid_id}"))
        return read

    async def shipment(self) -> dict[str, Any]:
        read: dict[str, Any] = ok(await self.shipper.http.get(f"/v1/shipments/{self.shipment_id}"))
        return read

    async def states(self) -> tuple[str, str]:
        """Booking's and bid's."""
        return (await self.booking())["status"], (await self.bid())["status"]

    async def rival(self, world: World, amount_minor: int = 80_000) -> "Deal":
        """Another carrier's bid on the same booking."""
        carrier = await world.carrier()
        bid = await world.bid(carrier, await self.booking(), amount_minor)
        return Deal(self.shipper, carrier, self.booking_id, bid["id"])


async def offered(world: World, shipper: Person | None = None, carrier: Person | None = None, **load: Any) -> Deal:
    """An open booking with one pending bid of 900.00."""
    shipper, carrier = shipper or await world.shipper(), carrier or await world.carrier()
    booking = await world.open_booking(shipper, **load)
    bid = await world.bid(carrier, booking)
    return Deal(shipper, carrier, booking["id"], bid["id"])


async def awarded(world: World, **parties: Any) -> Deal:
    deal = await offered(world, **parties)
    ok(await deal.award())
    return deal


async def cover(deal: Deal) -> Deal:
    """Accepts an award, and finds the shipment that it makes."""
    ok(await deal.accept())
    page = ok(await deal.carrier.http.get("/v1/shipments", params={"booking_id": deal.booking_id}))
    deal.shipment_id = next(item["id"] for item in page["items"] if item["bid_id"] == deal.bid_id)
    return deal


async def covered(world: World, **parties: Any) -> Deal:
    return await cover(await awarded(world, **parties))


async def at_dropoff(world: World, **parties: Any) -> Deal:
    deal = await covered(world, **parties)
    for step in JOURNEY:
        ok(await deal.report(step), 201)
    return deal


async def delivered(world: World, **parties: Any) -> Deal:
    deal = await at_dropoff(world, **parties)
    ok(await deal.prove())
    return deal


async def at_once(calls: Iterable[Awaitable[httpx.Response]]) -> list[httpx.Response]:
    """The answers of clients that call at the same time."""
    return await asyncio.gather(*calls)


def one_wins(answers: list[httpx.Response]) -> httpx.Response:
    """The one 200, after a check that every other answer is a 409."""
    won = [answer for answer in answers if answer.status_code == 200]
    lost = [answer.status_code for answer in answers if answer.status_code != 200]
    assert (len(won), set(lost)) == (1, {409}), [answer.text for answer in answers]
    return won[0]


@dataclass(slots=True)
class Market:
    """A world on a database of its own, so that the invariants can be asked of all that is in it."""

    world: World
    database: Database
    server: Server
    name: str

    async def violations(self) -> list[str]:
        connection = await self.server.connect(self.name)
        try:
            return await marketplace_violations(connection)
        finally:
            await connection.close()

    async def need_order(self) -> None:
        """Every invariant of the marketplace holds."""
        assert await self.violations() == []

    async def ask(self, sql: str, *arguments: Any) -> Any:
        """A single value, with a superuser's eyes."""
        connection = await self.server.connect(self.name)
        try:
            return await connection.fetchval(sql, *arguments)
        finally:
            await connection.close()

    async def pending_holds(self, booking_id: str) -> int:
        found: int = await self.ask(
            "SELECT count(*) FROM ledger_transfers t LEFT JOIN ledger_resolutions r ON r.transfer_id = t.id"
            " WHERE t.subject_id = $1 AND t.is_pending AND r.id IS NULL",
            booking_id,
        )
        return found

    async def overdue(self, deal: Deal) -> None:
        """As if the time to accept had passed."""
        past = datetime.now(UTC) - timedelta(seconds=1)
        await self.ask("UPDATE bids SET award_expires_at = $2 WHERE id = $1", deal.bid_id, past)


@asynccontextmanager
async def own_market(
    server: Server, template: str, purpose: str, clock: Clock | None = None, **changes: Any
) -> AsyncIterator[Market]:
    """The app that production runs, on an empty database that nobody else uses. `changes` are of its settings."""
    name = database_name(purpose)
    app = create_app(await server.copy(name, template, **changes), clock)
    async with app.router.lifespan_context(app):
        yield Market(World(app), app.state.database, server, name)
    await server.drop(name)
