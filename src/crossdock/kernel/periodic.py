"""Work that comes round by itself, in every worker: the kernel's and each module's jobs. Workers do not collide."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from uuid import UUID

import structlog

from crossdock.kernel.idempotency import forget_old_answers
from crossdock.kernel.registry import Registry
from crossdock.kernel.transaction import Database

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


async def one_by_one(job: str, ids: Iterable[UUID], work: Callable[[UUID], Awaitable[bool]]) -> int:
    """Does `work` for each id, in a transaction of its own. Returns for how many there was something to do.

    Whatever one of them raises is logged with its id: the others get their turn now, this one the next time. Without it
    one row that cannot be done would hold up all that come after it, for good.
    """
    done = 0
    for each in ids:
        try:
            done += await work(each)
        except Exception as error:
            log.warning("job_skipped", job=job, id=str(each), error=repr(error))
    return done


def _jobs(registry: Registry) -> Iterator[tuple[str, float, Run]]:
    """Name, seconds between two turns, and what is run: first the kernel's own."""
    yield "forget old answers to idempotency keys", FORGET_EVERY_S, forget_old_answers
    for module in registry:
        for job in module.jobs:
            yield job.name, job.every_s, registry.load(module, job.run)


async def _repeat(name: str, every_s: float, run: Run, database: Database) -> None:
    while True:
        await asyncio.sleep(every_s * random.uniform(0.8, 1.2))  # noqa: S311  workers drift apart
        try:
            done = await run(database)
        except Exception as error:
            log.warning("job_failed", job=name, error=repr(error))
            continue
        if done:
            log.info("job", job=name, done=done)
