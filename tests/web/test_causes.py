"""What a client is told when the database is locked, cut off or ended under a request."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from crossdock.config.settings import PoolSettings
from tests.library.scene import in_a_hurry
from tests.world import PATIENT, PATIENT_S, Server, World, database_name, load, ok

AT_ONCE = 8
LOCK_S = 0.3
POOL = PoolSettings(min_size=AT_ONCE, max_size=AT_ONCE, timeout_s=PATIENT_S)


@pytest.fixture
async def apart(server: Server, template: str) -> AsyncIterator[World]:
    """The app on a database of its own, with short waits for locks. Whoever waits for a connection waits for less time
    than for a lock: no limit of the one may act on the other."""
    name = database_name("causes")
    limits = PATIENT.model_copy(update={"lock_timeout_ms": int(LOCK_S * 1000)})
    async with World.open(
        await server.copy(name, template, limits=limits, tortoise_pool=POOL, transaction_pool=POOL)
    ) as world:
        assert world.app is not None
        await in_a_hurry(world.app.state.database, LOCK_S / 2)
        yield world
    await server.drop(name)


@pytest.fixture
async def admin(server: Server, apart: World) -> AsyncIterator[asyncpg.Connection]:
    connection = await server.connect(database_name("causes"))
    yield connection
    await connection.close()


async def end_who_waits(admin: asyncpg.Connection) -> int:
    """Ends the backends that wait for a lock of this database, and tells how many. A transaction sees the activity of
    its first look, unless it is told to look again."""
    await asyncio.sleep(0.005)
    await admin.execute("SELECT pg_stat_clear_snapshot()")
    ended: int = await admin.fetchval(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    return ended


async def test_a_locked_table_is_busy_for_everybody(apart: World, admin: asyncpg.Connection) -> None:
    """Also where it is the question of the guard, in BEGIN itself, that waits for the lock."""
    shipper = await apart.register("shipper")
    ok(await shipper.http.get("/v1/bookings"))  # from now on it is remembered who calls: the guard alone asks
    for table in ("sessions", "bookings"):
        async with admin.transaction():
            await admin.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
            calls = [
                shipper.http.post("/v1/bookings", json=load()) if n % 2 else shipper.http.get("/v1/bookings")
                for n in range(AT_ONCE)
            ]
            answers = await asyncio.gather(*calls)
        assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(503, "busy")}, [
            answer.text for answer in answers
        ]
    assert len(ok(await shipper.http.get("/v1/bookings"))["items"]) == 0


async def test_a_get_that_loses_its_backend_is_done_again(apart: World, admin: asyncpg.Connection) -> None:
    """It only reads: whoever asks is answered, and learns nothing of a failover."""
    shipper = await apart.register("shipper")
    booking = await apart.draft(shipper)
    for path in (f"/v1/bookings/{booking['id']}", "/v1/bookings", f"/v1/bookings/{booking['id']}/overview"):
        ok(await shipper.http.get(path))  # it is remembered who calls, and the statement is prepared
        async with admin.transaction():
            await admin.execute("LOCK TABLE bookings IN ACCESS EXCLUSIVE MODE")
            asked = asyncio.create_task(shipper.http.get(path))
            while not await end_who_waits(admin):
                pass
        ok(await asked)


@pytest.mark.parametrize(
    ("table", "body", "code"),
    [("teams", {"name": "Night shift"}, "database_unavailable"), ("bookings", load(), "outcome_unknown")],
)
async def test_a_write_that_loses_its_backend_is_not(
    apart: World, admin: asyncpg.Connection, table: str, body: dict[str, Any], code: str
) -> None:
    """Whether to send it again is for the client to say. Where a COMMIT was still to come, nothing was written. What
    only adds rows is one statement, which commits itself, so the client is told to look first."""
    shipper = await apart.register("shipper")
    async with admin.transaction():
        await admin.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        asked = asyncio.create_task(shipper.http.post(f"/v1/{table}", json=body))
        while not asked.done():  # a job may wait for the table as well
            await end_who_waits(admin)
    answer = await asked
    assert (answer.status_code, answer.json()["code"]) == (503, code)
    assert len(ok(await shipper.http.get(f"/v1/{table}"))["items"]) == 0
