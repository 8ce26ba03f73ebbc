"""An Idempotency-Key: the first answer again, and never a silent "ok" for something else."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from crossdock import idempotency
from crossdock.errors import Forbidden
from crossdock.guards import NestedUnitOfWork
from crossdock.idempotency import (
    KEPT_FOR,
    IdempotencyKeyInUse,
    IdempotencyKeyReused,
    StoredAnswer,
    find_answer,
    forget_answers,
    forget_old_answers,
    keep_answer,
)
from crossdock.transaction import Database
from freight.tenancy import CompanyScope
from tests.library.scene import PLATFORM, Eyes, Stop, new_tenant

HASH = b"the request"
ANSWER = StoredAnswer(201, {"location": "/v1/things/1"}, b'{"id": "\xc3\xbc"}')


@pytest.fixture
async def tenant(database: Database) -> CompanyScope:
    return await new_tenant(database)


async def call(database: Database, tenant: CompanyScope, key: str, request_hash: bytes = HASH) -> StoredAnswer | None:
    """A call with a key: keeps its answer when it is the first one, and tells what was kept before."""
    async with database.transaction(tenant) as tx:
        found = await find_answer(tx, {"company_id": tenant.company_id}, key, request_hash)
        if found is None:
            await keep_answer(tx, {"company_id": tenant.company_id}, key, request_hash, ANSWER)
        return found


async def test_the_first_answer_is_given_again(database: Database, tenant: CompanyScope) -> None:
    """Status, headers and body, byte by byte."""
    assert await call(database, tenant, "key") is None
    assert await call(database, tenant, "key") == ANSWER


async def test_another_request_with_the_key_is_refused(database: Database, tenant: CompanyScope) -> None:
    """And the first answer stays."""
    await call(database, tenant, "key")
    with pytest.raises(IdempotencyKeyReused):
        await call(database, tenant, "key", b"another request")
    assert await call(database, tenant, "key") == ANSWER


async def test_no_key_is_the_lock_of_anything_else(database: Database, tenant: CompanyScope, eyes: Eyes) -> None:
    """What a client makes up for a key cannot be a number that migrations, say, have locked."""
    locked = f"SELECT pg_advisory_lock(hashtextextended('{tenant.company_id}/key', 0))"
    await eyes.connection.execute(locked)
    try:
        assert await call(database, tenant, "key") is None
    finally:
        await eyes.connection.execute("SELECT pg_advisory_unlock_all()")


@pytest.mark.allows(NestedUnitOfWork, "two clients at once")
async def test_a_first_call_at_the_last_release_is_one_of_two(database: Database, tenant: CompanyScope) -> None:
    """It does not know today's lock: whoever commits second is told that the key is in use, and leaves nothing."""
    with pytest.raises(IdempotencyKeyInUse):
        async with database.transaction(tenant) as tx:
            assert await find_answer(tx, {"company_id": tenant.company_id}, "key", HASH) is None
            async with database.transaction(PLATFORM) as other:
                await keep_answer(other, {"company_id": tenant.company_id}, "key", HASH, ANSWER)
            await keep_answer(tx, {"company_id": tenant.company_id}, "key", HASH, replace(ANSWER, status=200))
    assert await call(database, tenant, "key") == ANSWER


async def test_a_key_belongs_to_its_company(database: Database, tenant: CompanyScope) -> None:
    """Another company's key of the same name is another key."""
    await call(database, tenant, "key")
    assert await call(database, await new_tenant(database), "key") is None


async def test_the_same_key_at_once(database: Database, tenant: CompanyScope) -> None:
    """While the first call runs, the others are told to wait, at once; one effect, and one answer kept."""
    others_have_come, first_holds = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with database.transaction(tenant) as tx:
            assert await find_answer(tx, {"company_id": tenant.company_id}, "key", HASH) is None
            first_holds.set()
            await others_have_come.wait()
            await keep_answer(tx, {"company_id": tenant.company_id}, "key", HASH, ANSWER)

    running = asyncio.create_task(first())
    await first_holds.wait()
    others = [call(database, tenant, "key") for _ in range(5)]
    refused = await asyncio.gather(*others, return_exceptions=True)
    others_have_come.set()
    await running
    assert {type(error) for error in refused} == {IdempotencyKeyInUse}
    assert await call(database, tenant, "key") == ANSWER


async def test_many_at_once_have_one_first(database: Database, tenant: CompanyScope) -> None:
    """However they race: one does it, each other one waits for its next try or gets its answer."""
    results = await asyncio.gather(*(call(database, tenant, "key") for _ in range(16)), return_exceptions=True)
    assert sum(result is None for result in results) == 1
    assert all(result is None or result == ANSWER or isinstance(result, IdempotencyKeyInUse) for result in results)


async def test_a_call_that_failed_keeps_nothing(database: Database, tenant: CompanyScope) -> None:
    """Its key is free again: the next call is a first one."""
    with pytest.raises(Stop):
        async with database.transaction(tenant) as tx:
            assert await find_answer(tx, {"company_id": tenant.company_id}, "key", HASH) is None
            await keep_answer(tx, {"company_id": tenant.company_id}, "key", HASH, ANSWER)
            raise Stop
    assert await call(database, tenant, "key") is None


async def test_answers_are_forgotten_in_time(database: Database, tenant: CompanyScope) -> None:
    """Those kept before a time go, and are counted; later ones stay. A company removes none."""
    await call(database, tenant, "old")
    middle = database.clock.now()
    await call(database, tenant, "new")
    with pytest.raises(Forbidden):
        async with database.transaction(tenant) as tx:
            await forget_answers(tx, middle, 9)
    async with database.transaction(PLATFORM) as tx:
        assert await forget_answers(tx, middle, 1_000) >= 1
    assert await call(database, tenant, "new") == ANSWER
    assert await call(database, tenant, "old") is None


@pytest.mark.allows(NestedUnitOfWork, "two clients at once")
async def test_no_more_is_forgotten_than_the_limit(database: Database, tenant: CompanyScope, eyes: Eyes) -> None:
    """The oldest first; and two workers at once do not wait for one another, nor take the same."""
    for key in "abcde":
        await call(database, tenant, key)
    await aged(eyes, tenant, timedelta(days=1_000))
    end = database.clock.now() - timedelta(days=999)
    async with database.transaction(PLATFORM) as tx:
        assert await forget_answers(tx, end, 2) == 2
        async with database.transaction(PLATFORM) as rival:
            assert await forget_answers(rival, end, 2) == 2
    assert await kept(eyes, tenant) == ["e"]


async def test_the_job_forgets_after_a_day(database: Database, tenant: CompanyScope, eyes: Eyes) -> None:
    """A minute before it the answer is given again; a minute after it the key is a first call's."""
    await call(database, tenant, "key")
    await aged(eyes, tenant, KEPT_FOR - timedelta(minutes=1))
    await forget_old_answers(database)
    assert await call(database, tenant, "key") == ANSWER
    await aged(eyes, tenant, timedelta(minutes=2))
    await forget_old_answers(database)
    assert await call(database, tenant, "key") is None


async def test_the_job_forgets_all_that_is_old(
    database: Database, tenant: CompanyScope, eyes: Eyes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batch by batch: what one company piles up does not keep what others have."""
    monkeypatch.setattr(idempotency, "ROWS_AT_ONCE", 1)
    for key in "abc":
        await call(database, tenant, key)
    await aged(eyes, tenant, KEPT_FOR + timedelta(minutes=1))
    await forget_old_answers(database)
    assert await kept(eyes, tenant) == []


async def aged(eyes: Eyes, tenant: CompanyScope, age: timedelta) -> None:
    """Makes what is kept for a company so much older."""
    ages = "UPDATE idempotency_keys SET created_at = created_at - $2::interval WHERE company_id = $1"
    await eyes.connection.execute(ages, tenant.company_id, age)


async def kept(eyes: Eyes, tenant: CompanyScope) -> list[str]:
    rows = await eyes.connection.fetch(
        "SELECT key FROM idempotency_keys WHERE company_id = $1 ORDER BY key", tenant.company_id
    )
    return [row["key"] for row in rows]
