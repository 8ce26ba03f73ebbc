"""Jobs come round by themselves while the service runs, each for itself, and end with it."""

import asyncio
from dataclasses import replace

import pytest

from crossdock.kernel.periodic import running_jobs
from crossdock.kernel.registry import Job, Registry
from crossdock.kernel.transaction import Database
from tests.kernel.scene import Stop
from tests.kernel.specimens.specimen import jobs

JOBS = tuple(Job(name, f"jobs:{name}", every_s=0.005) for name in ("count", "fail", "hang"))


@pytest.fixture
def with_jobs(specimens: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The specimens' module with three jobs."""
    registry = specimens.registry
    module = replace(registry.modules["specimen"], jobs=JOBS)
    monkeypatch.setattr(specimens, "registry", Registry(registry.package, {"specimen": module}))
    jobs.turns.clear()
    return specimens


async def test_each_job_comes_round_for_itself(with_jobs: Database) -> None:
    """One that fails is tried again, one that hangs does not keep the others, and all end with the block."""
    async with running_jobs(with_jobs):
        await asyncio.sleep(0.25)
    assert jobs.turns.count("counted") > 1
    assert jobs.turns.count("failed") > 1
    assert (jobs.turns.count("began"), jobs.turns.count("was ended")) == (1, 1)
    ended = list(jobs.turns)
    await asyncio.sleep(0.03)
    assert jobs.turns == ended


async def test_an_error_of_the_block_ends_the_jobs_too(with_jobs: Database) -> None:
    """No task is left behind."""
    before = asyncio.all_tasks()
    with pytest.raises(Stop):
        async with running_jobs(with_jobs):
            await asyncio.sleep(0.02)
            raise Stop
    assert asyncio.all_tasks() == before
