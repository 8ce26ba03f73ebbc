"""Far more units of work than connections: each is answered or refused within its limit, and then all is as before."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from tortoise.connection import get_connection

from crossdock.kernel.config import Settings
from crossdock.kernel.errors import PoolExhausted
from crossdock.kernel.pools import Pool
from crossdock.kernel.pools.gate import Gate
from crossdock.kernel.pools.tortoise_backend import ALIAS
from crossdock.kernel.registry import Registry
from crossdock.kernel.transaction import Database
from crossdock.kernel.transaction.reading import Reading
from tests.kernel.scene import PLATFORM, in_a_hurry, opened, small
from tests.waiting import until

SIZE = 2
AT_ONCE = 20 * SIZE
LIMIT_S = 0.3


async def work(database: Database, pool: Pool) -> None:
    """A unit that holds its connection for a while: nine turns of it fit into the limit."""
    async with Reading(database, PLATFORM, pool):
        await get_connection(ALIAS).execute_query("SELECT pg_sleep(0.03)")


async def refusal(work: Coroutine[Any, Any, None]) -> PoolExhausted | None:
    """Why it was not done, if it was not."""
    try:
        await work
    except PoolExhausted as error:
        return error
    return None


@pytest.mark.parametrize("name", ["legacy", "new"])
async def test_each_is_answered_or_refused_in_time(settings: Settings, registry: Registry, name: str) -> None:
    """Twenty times more at once than there are connections: nobody hangs, the pool is never over its size."""
    async with opened(small(settings, SIZE), registry) as database:
        await in_a_hurry(database, LIMIT_S)
        pool: Pool = getattr(database, name)
        refused = list(filter(None, await asyncio.gather(*(refusal(work(database, pool)) for _ in range(AT_ONCE)))))
        assert 0 < len(refused) < AT_ONCE
        assert pool.gate.statistics.in_use_max == SIZE
        assert pool.gate.statistics.exhausted_total == len(refused)
        await all_is_as_before(database, pool)


async def all_is_as_before(database: Database, pool: Pool) -> None:
    """As many units as there are connections are answered at once, and then nobody holds or waits."""
    await asyncio.gather(*(work(database, pool) for _ in range(SIZE)))
    assert (pool.gate.statistics.in_use, pool.gate.statistics.waiting) == (0, 0)


async def test_a_refusal_says_why_and_when_to_come_back(settings: Settings, registry: Registry) -> None:
    """It names the pool, its size and the limit, and writes nothing."""
    async with opened(small(settings, 1), registry) as database:
        await in_a_hurry(database, 0.02)
        async with database.transaction(PLATFORM):
            with pytest.raises(PoolExhausted) as caught:
                async with database.transaction(PLATFORM):
                    raise AssertionError("there is one connection")
    assert str(caught.value) == (
        "All 1 connections of the pool 'new' are in use and none became free within 0.02 s; nothing was written."
    )
    assert caught.value.retry_after_s == 1


async def test_a_full_waiting_room_refuses_at_once(settings: Settings, registry: Registry) -> None:
    """Past `waiting_max` nobody waits at all; those who waited before are answered."""
    async with opened(small(settings, 1, waiting_max=3), registry) as database:
        async with Reading(database, PLATFORM, database.new):  # while this one holds the connection
            others = [asyncio.create_task(refusal(work(database, database.new))) for _ in range(9)]
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
