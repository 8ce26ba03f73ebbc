"""The service is killed, and its backends ended, at random moments of 200 awards and acceptances: nothing is half done.

`CROSSDOCK_TEST_SEED` repeats a run or makes another one.
"""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
import pytest

from crossdock.config.settings import Settings
from tests.acceptance.process import Service
from tests.invariants import ledger_violations
from tests.invariants_marketplace import marketplace_violations
from tests.waiting import until
from tests.world import Person, Server, World, database_name, money, ok

SEED = int(os.environ.get("CROSSDOCK_TEST_SEED", "20261121"))
DEALS = 200
CLIENTS = 8
KILLS = 8
TERMINATIONS = 40
PATIENCE_S = 600


@dataclass(slots=True)
class Deals:
    """Bookings with one bid each, worked off by many clients: awarded, then accepted or declined."""

    shipper: Person
    carriers: list[Person]
    waiting: list[tuple[str, Person]] = field(default_factory=list)
    done: int = 0

    async def prepare(self, world: World) -> None:
        carriers = iter(self.carriers * (DEALS // len(self.carriers) + 1))
        for _ in range(DEALS // 20):
            self.waiting += await asyncio.gather(*(self._one(world, next(carriers)) for _ in range(20)))

    async def _one(self, world: World, carrier: Person) -> tuple[str, Person]:
        booking = await world.open_booking(self.shipper)
        return (await world.bid(carrier, booking))["id"], carrier

    async def work(self, random_: random.Random) -> None:
        """Takes deals until none is left. A call that broke is sent again, as clients do: 409 means done."""
        while self.waiting:
            bid_id, carrier = self.waiting.pop()
            await self._until_answered(self.shipper.http, f"/v1/bids/{bid_id}/award")
            verb = random_.choice(["accept", "accept", "decline"])
            await self._until_answered(carrier.http, f"/v1/bids/{bid_id}/{verb}")
            self.done += 1

    async def _until_answered(self, http: httpx.AsyncClient, url: str) -> None:
        give_up = time.monotonic() + PATIENCE_S
        while time.monotonic() < give_up:
            try:
                response = await http.post(url)
            except httpx.TransportError:
                await asyncio.sleep(0.05)
                continue
            if response.status_code == 503:
                await asyncio.sleep(0.05)
                continue
            assert response.status_code in {200, 409}, response.text
            return
        raise AssertionError(f"{url} was not answered")


@dataclass(slots=True)
class Theatre:
    """A real service on its own database, and a superuser's eyes on it."""

    settings: Settings
    service: Service
    world: World
    eyes: asyncpg.Connection
    deals: Deals


@pytest.fixture
async def theatre(server: Server, template: str) -> AsyncIterator[Theatre]:
    name = database_name("atomicity")
    settings = await server.copy(name, template)
    service = Service(settings)
    await service.start()
    world = World(base_url=service.url)
    shipper = await world.shipper(funds_minor=100_000 * DEALS)
    deals = Deals(shipper, [await world.carrier() for _ in range(4)])
    await deals.prepare(world)
    eyes = await server.connect(name)
    yield Theatre(settings, service, world, eyes, deals)
    await eyes.close()
    await service.stop()
    print("\n".join(line for line in service.log.splitlines() if "info  " not in line))  # shown where a test failed
    await server.drop(name)


async def run(theatre: Theatre, disturb: Callable[[random.Random], Awaitable[None]]) -> None:
    """All deals by CLIENTS clients, with a disturbance beside them until they are done."""
    clients = [asyncio.create_task(theatre.deals.work(random.Random(SEED + n))) for n in range(CLIENTS)]
    disturber = asyncio.create_task(disturb(random.Random(SEED)))
    await asyncio.gather(*clients)
    await disturber
    assert theatre.deals.done == DEALS


async def no_violations(eyes: asyncpg.Connection) -> None:
    assert await marketplace_violations(eyes) == []
    assert await ledger_violations(eyes) == []


async def both_outcomes(eyes: asyncpg.Connection) -> dict[str, int]:
    rows = await eyes.fetch("SELECT status, count(*) AS n FROM bids GROUP BY status")
    return {row["status"]: row["n"] for row in rows}


async def test_sigkill_leaves_nothing_half_done(theatre: Theatre) -> None:
    """After each SIGKILL and at the end: no award without its hold, no hold without its booking, no shipment without
    both, no outbox row without its effect, and back."""

    async def kill(random_: random.Random) -> None:
        for _ in range(KILLS):
            await asyncio.sleep(random_.uniform(0.05, 0.4))
            theatre.service.kill()
            await _until_backends_are_gone(theatre.eyes)
            await no_violations(theatre.eyes)
            await theatre.service.start()

    await run(theatre, kill)
    await no_violations(theatre.eyes)
    outcome = await both_outcomes(theatre.eyes)
    assert sum(outcome.values()) == DEALS
    assert outcome["accepted"] > outcome["declined"] > 0


async def test_ended_backends_leave_nothing_half_done(theatre: Theatre) -> None:
    """PostgreSQL's backends are ended in the middle: the same holds, and the service goes on by itself."""

    async def end_backends(random_: random.Random) -> None:
        for _ in range(TERMINATIONS):
            await asyncio.sleep(random_.uniform(0.01, 0.1))
            await theatre.eyes.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'crossdock%'"
            )

    await run(theatre, end_backends)
    await no_violations(theatre.eyes)
    ready: dict[str, Any] = ok(await theatre.world.client().get("/readyz"))
    assert ready["ready"]
    ok(await theatre.deals.shipper.http.post("/v1/ledger/deposits", json={"amount": money(1)}), 201)


async def _until_backends_are_gone(eyes: asyncpg.Connection) -> None:
    """A killed service's backends notice it when they next read from their sockets; only then is all rolled back."""
    gone = "SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database()"  # but for the eyes themselves
    await until(lambda: eyes.fetchval(gone))
