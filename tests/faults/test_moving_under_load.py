"""A module is walked to the other ORM and back under load, ten times, and each time a worker is killed: no request
fails that the kill did not cut off, no write is lost or doubled, and what must hold of the business holds."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

import psutil
import pytest

from crossdock.config.settings import MoveSettings, Settings
from crossdock.cutover import running_moves
from crossdock.cutover.comparison import Verdict
from crossdock.cutover.ladder import ladder
from crossdock.cutover.operating import GateShut, Operations
from crossdock.cutover.running import Moves
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.transaction import Database
from freight.modules.bookings.store import BookingReads, BookingStore
from tests.acceptance.process import Service
from tests.acceptance.test_workers import WORKERS, all_serve, workers
from tests.application import FREIGHT
from tests.cutover.scene import heard
from tests.faults.load import Crowd, Traffic, loaded, nothing_is_lost
from tests.stores.rows import PLATFORM, now
from tests.world import Server, World, database_name

pytestmark = pytest.mark.longest

MODULE = "bookings"
CLIENTS, SHIPPERS, CARRIERS = 32, 16, 4
WALKS = 10
BETWEEN_STEPS_MAX = 40
"""Requests that are answered between two steps, at most."""
SEED = 20261127
STEPS = ladder(Registry.discover(FREIGHT).modules[MODULE].orm)
GATE = MoveSettings(
    comparisons_min=1,
    stage_min_s=0,
    slower_max=1_000,
    mismatches_max=0,
    noise_first=1,
    waiting_max=8,
    time_share_max=100,
)
"""Opens as soon as each method was compared. One mismatch is too many: the module would step back, which no walk
expects. Few calls wait to be compared, for those of the stage before come first."""


@dataclass(slots=True)
class Walk:
    """What a walk needs: the service under load, and an operator beside it."""

    service: Service
    traffic: Traffic
    operator: Operations
    clerk: Database
    moves: Moves
    random: random.Random

    async def start(self) -> None:
        """To the first stage."""
        await heard(self.clerk, await self.operator.start(MODULE, sample=100))

    async def forward(self) -> None:
        """One step, once the gate opens."""
        while True:
            await self._call_what_traffic_does_not()
            try:
                await heard(self.clerk, await self.operator.advance(MODULE))
                return
            except GateShut as shut:
                assert "mismatches" not in str(shut), shut
                await self.traffic.more(10)

    async def there_and_back(self) -> None:
        """All steps up and all of them down, and somewhere on the way a worker is killed."""
        ways = [(self.start, STEPS[1]), *((self.forward, step) for step in STEPS[2:])]
        ways += [(self._back, step) for step in reversed(STEPS[:-1])]
        fatal = self.random.randrange(len(ways))
        async with asyncio.TaskGroup() as beside:
            for number, (take, step) in enumerate(ways):
                await self.traffic.more(self.random.randint(1, BETWEEN_STEPS_MAX))
                if number == fatal:
                    beside.create_task(self._kill())
                await take()
                await self._is_at(step)

    async def _call_what_traffic_does_not(self) -> None:
        """No route reads a row alone, and the job that looks for late bookings runs twice a minute."""
        async with self.clerk.reading(PLATFORM, BookingReads) as bookings:
            await bookings.get(new_id())
        async with self.clerk.transaction(PLATFORM) as tx:
            await tx.store(BookingStore).past_pickup(now(), 10)
        await self.moves.settled()

    async def _back(self) -> None:
        await self.operator.back(MODULE)

    async def _is_at(self, step: object) -> None:
        state = (await self.operator.states())[MODULE]
        assert replace(STEPS[0], stage=state.stage, share=state.share) == step, state

    async def _kill(self) -> None:
        """SIGKILL, at any moment of what it does; until another one serves in its place."""
        await asyncio.sleep(self.random.uniform(0, 0.2))
        dead = self.random.choice(sorted(workers(self.service)))
        async with self.traffic.fault():
            psutil.Process(dead).kill()
            while dead in workers(self.service):  # noqa: ASYNC110  another process
                await asyncio.sleep(0.01)
            await all_serve(self.service)


@pytest.fixture
async def alone(server: Server, template: str) -> AsyncIterator[Settings]:
    name = database_name("walks")
    yield (await server.copy(name, template)).model_copy(update={"moves": GATE})
    await server.drop(name)


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Service]:
    gate = {
        f"CROSSDOCK_MOVES__{name.upper()}": str(value) for name, value in GATE.model_dump(exclude_unset=True).items()
    }
    service = Service(settings, "--workers", str(WORKERS), **gate)
    await service.start()
    await all_serve(service)
    try:
        yield service
    finally:
        await service.stop()


async def test_walks_under_load(server: Server, alone: Settings, registry: Registry) -> None:
    """Ten walks through all stages and back, with a kill in each, while 32 clients read and write."""
    print(f"seed {SEED}")
    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(serving(alone))
        clerk = await stack.enter_async_context(Database(alone, registry))
        moves = await stack.enter_async_context(running_moves(clerk))
        operator, traffic = Operations(alone, registry, by="the walk"), Traffic()
        async with loaded([World(base_url=service.url)], traffic, Crowd(CLIENTS, SHIPPERS, CARRIERS, SEED)) as clients:
            for number in range(WALKS):
                await Walk(service, traffic, operator, clerk, moves, random.Random(f"{SEED}/{number}")).there_and_back()
        kept = await operator.mismatches(MODULE)
        assert [each for each in kept if each.verdict != Verdict.UNCLEAR] == []
        assert service.log.count("worker_died") == WALKS
    print(f"{traffic.answered} requests answered, {traffic.cut} cut off")
    await nothing_is_lost(server, alone, clients)
