"""Far more units of work than connections: each is answered or refused within its limit, and then all is as before."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from tortoise.connection import get_connection

from crossdock.config.settings import Settings
from crossdock.driver.tortoise_client import ALIAS
from crossdock.errors import PoolExhausted
from crossdock.guards import NestedUnitOfWork
from crossdock.pools import Pool
from crossdock.pools.gate import Gate
from crossdock.registry import Registry
from crossdock.transaction import Database
from crossdock.transaction.reading import Reading
from freight.tenancy import CompanyScope
from tests.library.scene import PLATFORM, SOMEBODY, in_a_hurry, new_tenant, opened, small
from tests.waiting import until

SIZE = 2
AT_ONCE = 20 * SIZE
LIMIT_S = 0.3


async def work(database: Database, pool: Pool) -> None:
    """A unit that holds its connection for a while: nine turns of it fit into the limit."""
    async with Reading(database.environment, SOMEBODY, pool):
        await get_connection(ALIAS).execute_query("SELECT pg_sleep(0.03)")


async def refusal(work: Coroutine[Any, Any, None]) -> PoolExhausted | None:
    """Why it was not done, if it was not."""
    try:
        await work
    except PoolExhausted as error:
        return error
    return None


@pytest.mark.parametrize("name", ["tortoise", "transactions"])
async def test_each_is_answered_or_refused_in_time(settings: Settings, registry: Registry, name: str) -> None:
    """Twenty times more at once than there are connections: nobody hangs, the pool is never over its size."""
    async with opened(small(settings, SIZE), registry) as database:
        pool: Pool = getattr(database, name)
        await work(database, pool)  # the key of the tenants is taken, by the platform's pool, and is there from now on
        await in_a_hurry(database, LIMIT_S)
        refused = list(filter(None, await asyncio.gather(*(refusal(work(database, pool)) for _ in range(AT_ONCE)))))
        assert 0 < len(refused) < AT_ONCE
        assert pool.gate.statistics.in_use_max == SIZE
        assert pool.gate.statistics.exhausted_total == len(refused)
        await all_is_as_before(database, pool)


async def all_is_as_before(database: Database, pool: Pool) -> None:
    """As many units as there are connections are answered at once, and then nobody holds or waits."""
    await asyncio.gather(*(work(database, pool) for _ in range(SIZE)))
    assert (pool.gate.statistics.in_use, pool.gate.statistics.waiting) == (0, 0)


@pytest.mark.allows(NestedUnitOfWork, "two clients at once")
async def test_a_refusal_says_why_and_when_to_come_back(settings: Settings, registry: Registry) -> None:
    """It names the pool, its size and the limit, and writes nothing."""
    async with opened(small(settings, 1), registry) as database, database.transaction(PLATFORM):
        database.platform.gate.timeout_s = 0.02  # not sooner: the first one has to connect
        with pytest.raises(PoolExhausted) as caught:
            async with database.transaction(PLATFORM):
                raise AssertionError("there is one connection")
    assert str(caught.value) == (
        "All 1 connections of the pool 'platform' are in use and none became free within 0.02 s; nothing was written."
    )
    assert caught.value.retry_after_s == 1


@pytest.mark.allows(NestedUnitOfWork, "two clients at once")
async def test_a_full_waiting_room_refuses_at_once(settings: Settings, registry: Registry) -> None:
    """Past `waiting_max` nobody waits at all; those who waited before are answered."""
    async with opened(small(settings, 1, waiting_max=3), registry) as database:
        async with Reading(
            database.environment, SOMEBODY, database.transactions
        ):  # while this one holds the connection
            others = [asyncio.create_task(refusal(work(database, database.transactions))) for _ in range(9)]
            await until(lambda: sum(task.done() for task in others) == 9 - 3)
        refused = list(filter(None, await asyncio.gather(*others)))
    assert len(refused) == 9 - 3
    assert all("3 others are waiting already" in str(error) for error in refused)


async def test_who_came_first_is_served_first(settings: Settings, registry: Registry) -> None:
    """Nobody overtakes those who wait, also when one of them gives up."""
    served: list[int] = []

    async def come(number: int, gate: Gate) -> None:
        await gate.enter()
        served.append(number)
        gate.leave()

    gate = Gate("test", 1, timeout_s=5, waiting_max=10)
    await gate.enter()
    waiting = []
    for number in range(5):
        waiting.append(asyncio.create_task(come(number, gate)))
        await asyncio.sleep(0)
    waiting[2].cancel()
    gate.leave()
    waiting.append(asyncio.create_task(come(5, gate)))
    await asyncio.gather(*waiting, return_exceptions=True)
    assert served == [0, 1, 3, 4, 5]
    assert repr(gate) == "<Gate test 0/1 in use, 0 waiting>"


class Crowd:
    """Tasks of several companies at a gate with one slot, which is held until `serve`."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.served: list[str] = []
        self.tasks: list[asyncio.Task[PoolExhausted | None]] = []

    async def comes(self, who: str, times: int = 1) -> None:
        for _ in range(times):
            self.tasks.append(asyncio.create_task(refusal(self._come(who))))
            await asyncio.sleep(0)

    async def _come(self, who: str) -> None:
        await self.gate.enter(who)
        self.served.append(who)
        self.gate.leave()

    async def serve(self) -> list[str]:
        self.gate.leave()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        assert repr(self.gate) == "<Gate test 0/1 in use, 0 waiting>" and not self.gate.is_full
        return self.served


async def crowd(waiting_max: int = 100, timeout_s: float = 60) -> Crowd:
    made = Crowd(Gate("test", 1, timeout_s=timeout_s, waiting_max=waiting_max))
    await made.gate.enter("holder")
    return made


async def test_companies_take_turns() -> None:
    """Of a company that sends ten requests at once, another waits for one, and so does a third."""
    them = await crowd()
    await them.comes("many", 10)
    await them.comes("few", 2)
    await them.comes("one")
    assert await them.serve() == ["many", "few", "one", "many", "few", *["many"] * 8]


async def test_a_full_room_has_a_place_for_another_company() -> None:
    """The last one of the company that has most waiting gives up its place, until all have as many."""
    them = await crowd(waiting_max=4)
    await them.comes("many", 5)
    await them.comes("few", 3)
    refused = [task.done() and task.result() is not None for task in them.tasks]
    assert refused == [False, False, True, True, True, False, False, True]
    assert await them.serve() == ["many", "few", "many", "few"]


async def test_a_slot_is_never_lost_to_whoever_gives_up() -> None:
    """Cancelled while waiting, in the moment of being served, or refused in it: the next one is served."""
    them = await crowd(waiting_max=3)
    await them.comes("gone")
    await them.comes("served and gone")
    await them.comes("here")
    them.tasks[0].cancel()  # and has not run yet when the slot comes free
    them.gate.leave()
    them.tasks[1].cancel()  # it has the slot by now
    await asyncio.gather(*them.tasks, return_exceptions=True)
    assert them.served == ["here"]
    await them.gate.enter("holder")
    assert await them.serve() == ["here"]


async def test_one_queue_that_times_out_leaves_the_others() -> None:
    """Who waits too long is refused and forgotten; who comes later is served."""
    them = await crowd(timeout_s=0.01)
    await them.comes("early", 3)
    refused = await asyncio.gather(*them.tasks)
    assert all("none became free within 0.01 s" in str(each) for each in refused)
    them.gate.timeout_s = 60
    await them.comes("late")
    assert await them.serve() == ["late"]


async def test_a_unit_waits_in_the_queue_of_its_company(settings: Settings, registry: Registry) -> None:
    """A company's many units of work let another company's first one through after one of them."""
    async with opened(small(settings, 1), registry) as database:
        many, other = await new_tenant(database), await new_tenant(database)
        done: list[CompanyScope] = []

        async def unit(tenant: CompanyScope) -> None:
            async with database.transaction(tenant):
                done.append(tenant)

        async with database.transactions.checkout():  # the tenants' pool: the platform has one of its own
            units = [asyncio.create_task(unit(tenant)) for tenant in (*[many] * 5, other)]
            await until(lambda: database.transactions.gate.statistics.waiting == len(units))
        await asyncio.gather(*units)
    assert done.index(other) == 1 and done.count(many) == 5
