"""Ready, busy and broken: readiness waits behind nobody, takes nothing from anybody, and knows the three apart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import asyncpg
import pytest

from crossdock.config.settings import PoolSettings, Settings
from crossdock.guards import NestedUnitOfWork
from crossdock.operations import health
from crossdock.operations.health import Health
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from tests.library.proxy import Proxy
from tests.world import PATIENT_S, Server, World, database_name, ok

SIZE = 2
POOL = PoolSettings(min_size=0, max_size=SIZE, timeout_s=PATIENT_S)
MIGRATIONS = {"legacy": "ok", "new": "ok", "crossdock": "ok"}


@pytest.fixture
async def narrow(server: Server, template: str) -> AsyncIterator[World]:
    """The app on a database of its own, with pools of two connections."""
    name = database_name("health")
    async with World.open(
        await server.copy(name, template, tortoise_pool=POOL, transaction_pool=POOL, platform_pool=POOL)
    ) as world:
        yield world
    await server.drop(name)


@pytest.fixture
async def admin(server: Server, narrow: World) -> AsyncIterator[asyncpg.Connection]:
    """Elsewhere on the server: the app's database may be closed to connections."""
    connection = await server.connect("postgres")
    yield connection
    await connection.close()


def database_of(world: World) -> Database:
    assert world.app is not None
    database: Database = world.app.state.database
    return database


@pytest.mark.allows(NestedUnitOfWork, "as many clients at once as there are connections")
async def test_busy_is_ready(narrow: World, admin: asyncpg.Connection) -> None:
    """Every connection of the traffic's is in use and others wait: 200, in time, and nobody waits for longer."""
    database = database_of(narrow)
    async with narrow.client() as http, AsyncExitStack() as held:
        for _ in range(SIZE):
            await held.enter_async_context(database.transaction(Platform("test")))
        waiting = [asyncio.create_task(narrow.register("shipper")) for _ in range(SIZE)]
        while database.platform.gate.statistics.waiting < SIZE:  # noqa: ASYNC110  they hash a password first
            await asyncio.sleep(0.01)
        before = [(pool.gate.statistics.acquired_total, pool.gate.statistics.waiting) for pool in traffic(database)]
        answers = await asyncio.gather(*(http.get("/readyz") for _ in range(50)))
        after = [(pool.gate.statistics.acquired_total, pool.gate.statistics.waiting) for pool in traffic(database)]
        pools = {"tortoise": "ok", "transactions": "ok", "platform": "busy", "direct": "ok"}
        assert [ok(answer) for answer in answers] == [{"ready": True, "pools": pools, "migrations": MIGRATIONS}] * 50
        assert after == before
        assert await health_connections(admin) == 1
    await asyncio.gather(*waiting)
    async with narrow.client() as http:
        assert ok(await http.get("/readyz"))["pools"] == {
            "tortoise": "ok",
            "transactions": "ok",
            "platform": "ok",
            "direct": "ok",
        }


def traffic(database: Database) -> tuple[object, ...]:
    return database.pooled


async def health_connections(admin: asyncpg.Connection) -> int:
    found: int = await admin.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND application_name LIKE '%health%'",
        database_name("health"),
    )
    return found


async def test_all_who_ask_at_once_share_one_look(narrow: World) -> None:
    """However many they are. Who goes away meanwhile takes it from nobody."""
    assert narrow.app is not None
    asked: Health = narrow.app.state.health
    gate = database_of(narrow).direct.gate.statistics
    await asked.readiness()
    before = gate.acquired_total
    first = asyncio.create_task(asked.readiness())
    others = [asyncio.create_task(asked.readiness()) for _ in range(100)]
    await asyncio.sleep(0)
    first.cancel()
    found = await asyncio.gather(*others)
    assert all(each is found[0] and each.ready for each in found)
    assert gate.acquired_total == before + 1


async def test_a_database_that_is_away_is_not_ready(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off or silent: 503 with the reason, and 200 by itself when it is back."""
    monkeypatch.setattr(health, "ANSWER_S_MAX", 0.5)
    async with (
        Proxy(settings.pooled) as proxy,
        World.open(settings.with_database(proxy.address, settings.direct)) as world,
        world.client() as http,
    ):
        ok(await http.get("/readyz"))
        proxy.stall()
        silent = ok(await http.get("/readyz"), 503)
        assert silent["pools"] == dict.fromkeys(("tortoise", "transactions", "platform"), "no answer within 0.5 s") | {
            "direct": "ok"
        }
        proxy.go_on()
        await proxy.cut()
        away = ok(await http.get("/readyz"), 503)
        assert away["ready"] is False
        assert away["pools"]["tortoise"] != "ok"
        assert away["migrations"] == MIGRATIONS
        await proxy.restore()
        ok(await http.get("/readyz"))


async def test_a_pool_that_cannot_connect_is_not_ready(narrow: World, admin: asyncpg.Connection) -> None:
    """Also where readiness has its own connection still. It is tried again, with no traffic there to do it."""
    name = database_name("health")
    async with narrow.client() as http:
        ok(await http.get("/readyz"))
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        assert (
            await http.post("/v1/auth/token", data={"username": "a@b.example", "password": "x" * 12})
        ).status_code == 503
        broken = ok(await http.get("/readyz"), 503)
        assert "not currently accepting connections" in str(broken["pools"])
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        assert ok(await http.get("/readyz"))["ready"]
