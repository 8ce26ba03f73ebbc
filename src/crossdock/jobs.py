"""Jobs: work that runs again and again by itself, of the library and of each module. All workers run them, and they do
not collide."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import asynccontextmanager
from uuid import UUID

import structlog

from crossdock.errors import ReadOnly
from crossdock.idempotency import forget_old_answers
from crossdock.registry import Registry
from crossdock.transaction import Database

log = structlog.get_logger(__name__)

Run = Callable[[Database], Awaitable[int]]

FORGET_EVERY_S = 300
"""Answers are kept for a day: some minutes more or less do not matter."""


@asynccontextmanager
async def running_jobs(database: Database) -> AsyncIterator[None]:
    """Runs all jobs while the block lasts; a job that fails is logged and tried at its next time."""
    jobs = _jobs(database.registry)
    tasks = [asyncio.create_task(_repeat(name, every_s, run, database), name=name) for name, every_s, run in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


Find = Callable[[Collection[UUID]], Awaitable[Iterable[UUID]]]
"""Ids of what is due, a batch of them, besides those that are given."""


async def one_by_one(job: str, find: Find, work: Callable[[UUID], Awaitable[bool]]) -> int:
    """Does `work` for each id that `find` finds, in a transaction of its own, until it finds no others. Returns for how
    many there was something to do.

    Whatever one of them raises is logged with its id: the others get their turn now, this one the next time. However
    many rows of one tenant cannot be done, those of another are done in the same run. ReadOnly ends the run: the others
    could not be done either.
    """
    done, tried = 0, set[UUID]()
    while batch := [each for each in await find(tried) if each not in tried]:
        for each in batch:
            tried.add(each)
            try:
                done += await work(each)
            except ReadOnly:
                raise
            except Exception as error:
                log.warning("job_skipped", job=job, id=str(each), error=repr(error))
    return done


def _jobs(registry: Registry) -> Iterator[tuple[str, float, Run]]:
    """Name, seconds between two turns, and what is run: first the library's own."""
    yield "forget old answers to idempotency keys", FORGET_EVERY_S, forget_old_answers
    for module in registry:
        for job in module.jobs:
            yield job.name, job.every_s, registry.load(module, job.run)


async def _repeat(name: str, every_s: float, run: Run, database: Database) -> None:
    waits = False
    while True:
        await asyncio.sleep(every_s * random.uniform(0.8, 1.2))  # noqa: S311  workers drift apart
        try:
            done = await run(database)
        except ReadOnly as error:
            if not waits:  # one line, however long it lasts
                log.info("job_waits", job=name, reason=str(error))
            waits = True
            continue
        except Exception as error:
            log.warning("job_failed", job=name, error=repr(error))
            continue
        waits = False
        if done:
            log.info("job", job=name, done=done)
