"""A thousand units of work, cancelled at random moments, leave every pool whole and nothing half written.

`CROSSDOCK_TEST_SEED` repeats a run or makes another one.
"""

import asyncio
import itertools
import os
import random
from contextlib import suppress
from uuid import UUID

import pytest
from sqlalchemy import text
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from crossdock.config.settings import Settings
from crossdock.driver.tortoise_client import ALIAS
from crossdock.ids import new_id
from crossdock.pools import Pool
from crossdock.registry import Registry
from crossdock.transaction import Database
from crossdock.transaction.reading import Reading
from freight.modules.companies.store import CompanyReads, CompanyStore
from freight.tenancy import CompanyScope
from tests.library.scene import PLATFORM, SOMEBODY, Eyes, Happened, opened, outbox_row, small, write_tortoise

SEED = int(os.environ.get("CROSSDOCK_TEST_SEED", "20261121"))
UNITS = 500
"""For each of two sizes of the pools."""
AT_ONCE = 6
"""More than there are connections: some are cancelled while they wait for one."""


async def write(database: Database, subject: UUID) -> None:
    """Both ORMs, a savepoint, an elevation, an event."""
    tenant = CompanyScope(subject, "both")
    async with database.transaction(tenant, elevates=True) as tx:
        async with tx.as_platform("test"):
            await write_tortoise(tx, subject)
        async with tx.savepoint(), in_transaction():
            await tx.store(CompanyStore).get(subject)
        tx.session.add(outbox_row(subject, subject))
        tx.emit(Happened(subject_id=subject))


async def read_legacy(database: Database, subject: UUID) -> None:
    async with database.reading(PLATFORM, CompanyReads) as companies:
        await companies.get(subject)


async def read_new(database: Database, subject: UUID) -> None:
    async with Reading(database.environment, PLATFORM, database.platform) as unit:
        await unit.sql.execute(text("SELECT count(*) FROM outbox"))


def moment(random_: random.Random) -> float:
    """Seconds: before the first step, within the first ones, or over the whole of a unit and its wait."""
    return random_.uniform(0, random_.choice([0, 0.003, 0.003, 0.1]))


async def once(task: asyncio.Task[None], random_: random.Random) -> None:
    """As asyncio does, when a client goes away."""
    await asyncio.sleep(moment(random_))
    task.cancel()


async def by_a_time_limit(task: asyncio.Task[None], random_: random.Random) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(task, moment(random_))


async def again_and_again(task: asyncio.Task[None], random_: random.Random) -> None:
    """As anyio's scopes do: at every turn of the loop until the task has gone."""
    await asyncio.sleep(moment(random_))
    while not task.done():
        task.cancel()
        await asyncio.sleep(0)


async def left_alone(task: asyncio.Task[None], _: random.Random) -> None:
    """So that some come to their own end, however busy the machine is."""
    await asyncio.wait({task})


async def disturbed(database: Database, random_: random.Random) -> tuple[UUID, bool]:
    """One unit of a random kind, and a random end of it. Tells its subject, and whether it came to its own end."""
    subject = new_id()
    work = random_.choice([write, write, read_legacy, read_new])
    task = asyncio.create_task(work(database, subject))
    await random_.choice([*[once, by_a_time_limit, again_and_again] * 5, left_alone])(task, random_)
    result = (await asyncio.gather(task, return_exceptions=True))[0]
    assert result is None or isinstance(result, asyncio.CancelledError), repr(result)
    return subject, result is None and work is write


async def all_disturbed(database: Database, random_: random.Random) -> dict[UUID, bool]:
    """Every unit's subject, and whether it must be there."""
    numbers = iter(range(UNITS))

    async def client() -> list[tuple[UUID, bool]]:
        return [await disturbed(database, random_) for _ in numbers]

    done = await asyncio.gather(*(client() for _ in range(AT_ONCE)))
    return dict(itertools.chain.from_iterable(done))


async def every_slot_works(database: Database) -> None:
    """As many units at once as there are connections, on each pool, each holding its own until all have one."""
    for pool in (database.tortoise, database.transactions):
        all_there = asyncio.Barrier(pool.gate.size)

        async def use(pool: Pool, all_there: asyncio.Barrier) -> None:
            async with Reading(database.environment, SOMEBODY, pool):
                await get_connection(ALIAS).execute_query("SELECT 1")
                await all_there.wait()

        await asyncio.gather(*(use(pool, all_there) for _ in range(pool.gate.size)))


@pytest.mark.parametrize("size", [2, 3])
async def test_cancelled_units_leave_every_pool_whole(
    settings: Settings, registry: Registry, eyes: Eyes, size: int
) -> None:
    """Gates at zero, every slot usable, no connection left in a transaction, and of each unit all or nothing."""
    async with opened(small(settings, size), registry) as database:
        expected = await all_disturbed(database, random.Random(SEED + size))
        assert [(pool.gate.statistics.in_use, pool.gate.statistics.waiting) for pool in database.pools] == [(0, 0)] * 4
        assert await eyes.left_open() == 0
        await every_slot_works(database)
    await nothing_half_written(eyes, expected)
    assert sum(expected.values()) < UNITS  # some were cut off; how many came through is the machine's affair


async def nothing_half_written(eyes: Eyes, expected: dict[UUID, bool]) -> None:
    """A company, its row and its event are there together or not at all, and there when their unit said so."""
    ids = list(expected)
    companies = await ids_of(eyes, "SELECT id FROM companies WHERE id = ANY($1)", ids)
    written = await ids_of(
        eyes, "SELECT subject_id FROM outbox WHERE subject_id = ANY($1) AND type = 'test.written'", ids
    )
    events = await ids_of(
        eyes, "SELECT subject_id FROM outbox WHERE subject_id = ANY($1) AND type = 'test.happened'", ids
    )
    assert companies == written == events
    assert companies >= {subject for subject, committed in expected.items() if committed}


async def ids_of(eyes: Eyes, sql: str, ids: list[UUID]) -> set[UUID]:
    return {row[0] for row in await eyes.connection.fetch(sql, ids)}


async def test_a_commit_that_is_cancelled_is_finished(settings: Settings, registry: Registry, eyes: Eyes) -> None:
    """Once COMMIT was sent it runs to its end, however often the caller is cancelled; the caller is told of it then."""
    async with opened(small(settings, 1), registry) as database:
        subject = new_id()

        async def commit() -> None:
            async with database.transaction(PLATFORM) as tx:
                await write_tortoise(tx, subject)
                ending.set()

        ending = asyncio.Event()
        task = asyncio.create_task(commit())
        await ending.wait()
        while not task.done():
            task.cancel()
            await asyncio.sleep(0)
        assert task.cancelled()
        assert await eyes.written(subject) == {"tortoise"}
        await every_slot_works(database)
