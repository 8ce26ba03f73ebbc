"""Work that comes round by itself: each module's jobs, in every worker; rows are claimed, so workers do not collide."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import structlog

from crossdock.kernel.registry import Job
from crossdock.kernel.transaction import Database

log = structlog.get_logger(__name__)

Run = Callable[[Database], Awaitable[int]]


@asynccontextmanager
async def running_jobs(database: Database) -> AsyncIterator[None]:
    """Runs every module's jobs while the block lasts; a job that fails is logged and tried at its next time."""
    registry = database.registry
    jobs = [(job, registry.load(module, job.run)) for module in registry for job in module.jobs]
    tasks = [asyncio.create_task(_repeat(job, run, database), name=job.name) for job, run in jobs]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _repeat(job: Job, run: Run, database: Database) -> None:
    while True:
        await asyncio.sleep(job.every_s * random.uniform(0.8, 1.2))  # noqa: S311  workers drift apart
        try:
            done = await run(database)
        except Exception as error:
            log.warning("job_failed", job=job.name, error=repr(error))
            continue
        if done:
            log.info("job", job=job.name, done=done)
