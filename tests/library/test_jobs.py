"""Jobs come round by themselves while the service runs, each for itself, and end with it."""

import asyncio
from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

import pytest
from structlog.testing import CapturingLogger

from crossdock import jobs as periodic
from crossdock.idempotency import KEPT_FOR, StoredAnswer, find_answer, keep_answer
from crossdock.ids import new_id
from crossdock.jobs import Find, one_by_one, running_jobs
from crossdock.registry import Job, Registry
from crossdock.transaction import Database
from tests.application import application
from tests.library.scene import PLATFORM, Eyes, Stop
from tests.library.specimens.specimen import jobs
from tests.waiting import until

JOBS = tuple(Job(name, f"jobs:{name}", every_s=0.005) for name in ("count", "fail", "hang"))


@pytest.fixture
def with_jobs(specimens: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The specimens' module with three jobs."""
    registry = specimens.registry
    module = replace(registry.modules["specimen"], jobs=JOBS)
    monkeypatch.setattr(specimens, "registry", Registry(application(registry.package), {"specimen": module}))
    jobs.turns.clear()
    return specimens


async def test_each_job_comes_round_for_itself(with_jobs: Database) -> None:
    """One that fails is tried again, one that hangs does not keep the others, and all end with the block."""
    before = asyncio.all_tasks()
    async with running_jobs(with_jobs):
        await until(lambda: min(map(jobs.turns.count, ("counted", "failed"))) > 1 and "began" in jobs.turns)
    await until(lambda: asyncio.all_tasks() <= before)  # another service of this process may end a unit just now
    assert (jobs.turns.count("began"), jobs.turns.count("was ended")) == (1, 1)


async def test_an_error_of_the_block_ends_the_jobs_too(with_jobs: Database) -> None:
    """No task is left behind."""
    before = asyncio.all_tasks()
    with pytest.raises(Stop):
        async with running_jobs(with_jobs):
            await until(lambda: jobs.turns)
            raise Stop
    await until(lambda: asyncio.all_tasks() <= before)


async def test_the_kernel_has_a_job_of_its_own(
    with_jobs: Database, eyes: Eyes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that was kept for too long goes by itself, whatever the modules do."""
    monkeypatch.setattr(periodic, "FORGET_EVERY_S", 0.005)
    owner = new_id()
    async with with_jobs.transaction(PLATFORM) as tx:
        assert await find_answer(tx, {"company_id": owner}, "key", b"the request") is None
        await keep_answer(tx, {"company_id": owner}, "key", b"the request", StoredAnswer(201, {}, b""))
    ages = "UPDATE idempotency_keys SET created_at = created_at - $2::interval WHERE company_id = $1"
    await eyes.connection.execute(ages, owner, KEPT_FOR)
    gone = "SELECT count(*) = 0 FROM idempotency_keys WHERE company_id = $1"
    async with running_jobs(with_jobs):
        await until(lambda: eyes.value(gone, owner))


def in_batches(ids: list[UUID]) -> Find:
    """Two at a time, none of which is ever over: whatever is done with them."""

    async def find(besides: Collection[UUID]) -> list[UUID]:
        return [each for each in ids if each not in besides][:2]

    return find


async def test_a_batch_that_fails_does_not_hold_up_the_next() -> None:
    """However many rows cannot be done, more than are found at once: the last one has its turn in the same run."""
    ids = [new_id() for _ in range(5)]

    async def work(each: UUID) -> bool:
        if each != ids[-1]:
            raise ZeroDivisionError
        return True

    assert await one_by_one("count", in_batches(ids), work) == 1


async def test_one_that_fails_does_not_hold_up_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it raises is logged with its id; counted is what was done, not what there was nothing to do for."""
    ids = [new_id() for _ in range(4)]
    seen: list[UUID] = []

    async def work(each: UUID) -> bool:
        seen.append(each)
        if each == ids[0]:
            raise ZeroDivisionError
        return each != ids[1]

    monkeypatch.setattr(periodic, "log", logged := CapturingLogger())
    assert await one_by_one("count", in_batches(ids), work) == 2
    assert seen == ids
    [(method, event, named)] = logged.calls
    assert (method, event) == ("warning", ("job_skipped",))
    assert named == {"job": "count", "id": str(ids[0]), "error": "ZeroDivisionError()"}


async def test_the_end_of_the_service_is_no_failure_of_an_item() -> None:
    """Cancelled in the middle, the rest is left: the worker is to end now."""
    seen: list[UUID] = []

    async def work(each: UUID) -> bool:
        seen.append(each)
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await one_by_one("count", in_batches([new_id(), new_id()]), work)
    assert len(seen) == 1
