"""More requests than connections, and clients that hang up: each is answered, each pool stays whole."""

import asyncio
import random
from collections.abc import AsyncIterator

import httpx
import pytest

from crossdock.config.settings import PoolSettings
from tests.library.scene import in_a_hurry
from tests.world import PATIENT_S, Person, Server, World, database_name, load, money, ok

CONNECTIONS = 2
WAIT_S = 1.0
SEED = 20261121


@pytest.fixture
async def narrow(server: Server, template: str) -> AsyncIterator[World]:
    """The app on pools of two connections, each waited for a second at most."""
    name = database_name("narrow")
    pool = PoolSettings(min_size=0, max_size=CONNECTIONS, timeout_s=PATIENT_S, waiting_max=10)
    async with World.open(
        await server.copy(name, template, tortoise_pool=pool, transaction_pool=pool, platform_pool=pool)
    ) as world:
        assert world.app is not None
        await in_a_hurry(world.app.state.database, WAIT_S)
        yield world
    await server.drop(name)


def whole(world: World) -> None:
    """No connection is held, nobody waits."""
    assert world.app is not None
    for pool in world.app.state.database.pools:
        assert (pool.gate.statistics.in_use, pool.gate.statistics.waiting) == (0, 0), pool.gate


async def test_overload_is_answered_or_refused(narrow: World) -> None:
    """20 times more requests than connections, each is served, or told 503 with Retry-After; none hangs."""
    shipper = await narrow.register("shipper")
    calls = [
        shipper.http.post("/v1/bookings", json=load()) if n % 2 else shipper.http.get("/v1/bookings")
        for n in range(20 * 2 * CONNECTIONS)
    ]
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} <= {200, 201, 503}
    refused = [answer for answer in answers if answer.status_code == 503]
    assert refused, "the pools were never full: the test does not test"
    assert all(answer.headers["retry-after"] and answer.json()["code"] == "pool_exhausted" for answer in refused)
    whole(narrow)
    made = sum(answer.status_code == 201 for answer in answers)
    assert len(ok(await shipper.http.get("/v1/bookings?limit=200"))["items"]) == made


async def test_clients_that_hang_up(narrow: World) -> None:
    """1,000 requests cancelled at random moments, reads and writes: every pool stays whole."""
    shipper = await narrow.shipper()
    random_ = random.Random(SEED)
    for _ in range(50):
        tasks = [asyncio.create_task(_any_call(shipper, random_)) for _ in range(20)]
        for task in tasks:
            await asyncio.sleep(random_.uniform(0, 0.003))
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    whole(narrow)
    await asyncio.gather(*(_served(shipper) for _ in range(CONNECTIONS)))  # nobody waits for another
    whole(narrow)


async def _any_call(person: Person, random_: random.Random) -> httpx.Response:
    match random_.randrange(3):
        case 0:
            return await person.http.get("/v1/bookings")
        case 1:
            return await person.http.post("/v1/bookings", json=load())
        case _:
            return await person.http.post("/v1/ledger/deposits", json={"amount": money(100)})


async def _served(person: Person) -> None:
    ok(await person.http.post("/v1/bookings", json=load()), 201)
