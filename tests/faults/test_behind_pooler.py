"""Three services behind one PgBouncer with two sessions: everything works there, and goes on after each fault.

What is cut off or refused with 503 while a fault lasts is sent again. All else has to be answered as if nothing had
happened, no write is lost or doubled, and no pool has lost a connection at the end.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

import asyncpg
import pytest

from crossdock.config.settings import Settings
from crossdock.driver.pooler import CONSOLE
from crossdock.embedded import EmbeddedPooler
from tests.acceptance.process import Service
from tests.faults.load import Crowd, Traffic, loaded, nothing_is_lost
from tests.faults.pgbouncer import running_pooler
from tests.waiting import until
from tests.world import Server, World, database_name

CROWD = Crowd(clients=24, shippers=12, carriers=4, seed=20261127)
SERVICES = 3
ENOUGH = 60
"""Requests, all clients together: more than each of them has under way."""
ONE_TOOLS, OTHER_TOOLS = "companies", "bookings"
"""A table of each chain."""


@dataclass(slots=True)
class Stage:
    """What a fault is done to."""

    pooler: EmbeddedPooler
    settings: Settings
    server: Server
    services: list[Service]
    traffic: Traffic

    async def order(self, *orders: str) -> None:
        """On the pooler's console, one after the other."""
        console = replace(self.pooler.address(self.settings.direct), database=CONSOLE)
        connection = await asyncpg.connect(**console.asyncpg(), statement_cache_size=0)
        for order in orders:
            await connection.execute(order)
            await self.traffic_passes_by()
        connection.terminate()

    async def traffic_passes_by(self) -> None:
        """A moment in which clients send what they have to send."""
        await asyncio.sleep(0.2)

    async def recovered(self, name: str) -> None:
        """All services answer again."""
        began = time.monotonic()
        await self.traffic.more(1)
        print(f"{name}: the first answer after {time.monotonic() - began:.2f} s")
        await self.traffic.more(ENOUGH)


@pytest.fixture
async def stage(server: Server, template: str) -> AsyncIterator[Stage]:
    name = database_name("pooler")
    settings = await server.copy(name, template)
    logins = (server.owner.user, settings.platform.user)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(server.drop, name)
        pooler = stack.enter_context(running_pooler(settings.pooled, *logins, default_pool_size="2"))
        lanes = pooler.address(settings.pooled), settings.direct, pooler.address(settings.platform)
        services = [await stack.enter_async_context(serving(settings.with_database(*lanes))) for _ in range(SERVICES)]
        yield Stage(pooler, settings, server, services, Traffic(may_refuse=True))


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Service]:
    service = Service(settings)
    await service.start()
    try:
        yield service
    finally:
        await service.stop()


@asynccontextmanager
async def crowded(stage: Stage) -> AsyncIterator[None]:
    """All clients at work in the block; after it nothing is lost, and every connection is back in its pool."""
    worlds = [World(base_url=service.url) for service in stage.services]
    async with loaded(worlds, stage.traffic, CROWD) as clients:
        await stage.traffic.more(ENOUGH)
        yield
    print(f"{stage.traffic.answered} requests answered, {stage.traffic.cut} cut off or refused")
    await nothing_is_lost(stage.server, stage.settings, clients)
    for world in worlds:
        await until(lambda world=world: _in_use(world))


async def _in_use(world: World) -> bool:
    """Whether no connection of a service is in use. The last jobs may still be at work."""
    async with world.client() as http:
        text = (await http.get("/metrics")).text
    found = re.findall(r'^crossdock_pool_in_use\{.*pool="(\w+)".*\} (\S+)$', text, re.MULTILINE)
    assert len(found) >= 3, text
    return all(float(value) == 0 for _, value in found)


async def test_two_sessions_for_three_services(stage: Stage) -> None:
    """No request fails, also while a column is added to a table of each ORM, and taken away again."""
    stage.traffic.may_refuse = False
    async with crowded(stage):
        owner = await asyncpg.connect(**stage.settings.direct.asyncpg())
        for table in (ONE_TOOLS, OTHER_TOOLS):
            for change in ("ADD COLUMN more text", "DROP COLUMN more"):
                await owner.execute(f"ALTER TABLE {table} {change}")
                await stage.traffic.more(ENOUGH)
        await owner.close()
    assert stage.traffic.cut == 0


async def test_the_pooler_is_killed(stage: Stage) -> None:
    """SIGKILL, and it is there again: both ORMs connect anew by themselves."""
    async with crowded(stage):
        for _ in range(3):
            async with stage.traffic.fault():
                killed = stage.pooler.process
                assert killed is not None
                killed.kill()
                await stage.traffic_passes_by()
                stage.pooler.start()
                await stage.recovered("the pooler was killed")


async def test_every_session_is_ended(stage: Stage) -> None:
    """`pg_terminate_backend` of all that the database has, the sessions of the direct lane among them."""
    async with crowded(stage):
        superuser = await stage.server.connect(stage.settings.direct.database)
        for _ in range(3):
            async with stage.traffic.fault():
                await superuser.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                await stage.recovered("every session was ended")
        await superuser.close()


async def test_a_pause(stage: Stage) -> None:
    """PAUSE lets what has begun end, and makes the rest wait: nobody is refused."""
    stage.traffic.may_refuse = False
    async with crowded(stage):
        for _ in range(3):
            await stage.order("PAUSE", "RESUME")
            await stage.recovered("a pause")
    assert stage.traffic.cut == 0
