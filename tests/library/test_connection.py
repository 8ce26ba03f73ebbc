"""The connections of commands and checks: what is said when there is none, and what a pooler in between is taken for.

tests/faults/test_pgbouncer.py asks the same of a real PgBouncer, through every command.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from crossdock.address import Address
from crossdock.cli.diagnosis import State, examine
from crossdock.config.settings import Settings
from crossdock.driver.connection import PROBE, ThroughPooler, carries_prepared, connect, is_pooled
from crossdock.errors import DatabaseUnavailable
from crossdock.migrations.run.lock import deployer_lock
from crossdock.migrations.run.runner import Runner
from crossdock.registry import Registry
from crossdock.transaction import Database
from tests.library.proxy import Pooler

OWN_NAME = b"PGBOUNCER_00007"


class Carrying(Pooler):
    """Gives a prepared statement a name of its own making, as PgBouncer does from 1.21 on."""

    async def _chunks(self, reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
        async for data in super()._chunks(reader):
            yield data.replace(PROBE.encode(), OWN_NAME)


@pytest.fixture
async def pooler(settings: Settings) -> AsyncIterator[Address]:
    async with Pooler(settings.pooled) as pooler:
        yield pooler.address


async def test_an_address_that_needs_a_session(settings: Settings, pooler: Address) -> None:
    """A pooler there is refused, with what to set; where none is needed it is well, and PostgreSQL itself always."""
    for variable, remedy in (("DIRECT_URL", "set it to"), ("DATABASE_URL", "set DIRECT_URL to")):
        needing = replace(pooler, needs_session=True, variable=variable)
        with pytest.raises(ThroughPooler, match=rf"^{variable} goes through a pooler, .*: {remedy} PostgreSQL itself"):
            await connect(needing)
    for address, pooled in ((pooler, True), (settings.direct, False)):
        connection = await connect(address)
        assert await is_pooled(connection) is pooled
        await connection.close()


async def test_the_deployers_lock_needs_a_session_whatever_the_address_says(pooler: Address) -> None:
    """The lock would stay on a session that is somebody else's next."""
    with pytest.raises(ThroughPooler):
        async with deployer_lock(pooler):
            pass


async def test_what_works_on_the_direct_lane_needs_one(settings: Settings, pooler: Address) -> None:
    """The pools, the runner, both tools and the doctor: whoever asks for the lane has the check with it."""
    wrong = settings.with_database(settings.pooled, pooler)
    registry = Registry.found()
    runner = Runner(wrong, registry)
    for work in (runner.status, runner.up, runner.down, runner.plan, runner.tools["alembic"].differences):
        with pytest.raises(ThroughPooler):
            await work()
    with pytest.raises(ThroughPooler):
        async with Database(wrong, registry):
            pass
    checks = {check.name: check for check in await examine(wrong)}
    assert checks["direct lane"].state is State.FAILED
    assert "set it to PostgreSQL itself" in checks["direct lane"].message


async def test_prepared_statements_behind_a_pooler(settings: Settings, pooler: Address) -> None:
    """One that hands a client's name to whichever session answers is found at the first look, and leaves nothing there;
    one with names of its own carries them."""
    async with Carrying(settings.pooled) as carrying:
        for address, carried in ((pooler, False), (carrying.address, True), (settings.pooled, True), (pooler, False)):
            connection = await connect(address)
            assert await carries_prepared(connection) is carried
            assert await connection.fetch("SELECT name FROM pg_prepared_statements WHERE name LIKE 'crossdock%'") == []
            await connection.close()


@pytest.mark.parametrize("how", ["nothing", "CROSSDOCK_PREPARED_STATEMENTS", "the URL"])
async def test_the_pools_start_with_what_the_pooler_carries(settings: Settings, pooler: Address, how: str) -> None:
    """Where it carries none they go without, whether that was said or not. The doctor warns where it was not."""
    located = replace(pooler, prepared_statements=how != "the URL")
    behind = settings.with_database(located, settings.direct)
    behind = behind.model_copy(update={"prepared_statements": how != "CROSSDOCK_PREPARED_STATEMENTS"})
    async with Database(behind, Registry.found()) as database:
        assert not database.driver.prepared_statements
        async with database.transactions.checkout() as checkout:
            await checkout.driver.fetch("SELECT 1")
            assert await checkout.driver.fetch("SELECT name FROM pg_prepared_statements") == []
    checks = {check.name: check for check in await examine(behind)}
    assert checks["pooler"].state is (State.WARNING if how == "nothing" else State.OK)


async def test_what_is_said_when_there_is_no_connection(settings: Settings) -> None:
    """The variable that the address came from, and the server's own words where it has some."""
    there = replace(settings.pooled, variable="DIRECT_URL")
    for address, words in (
        (there.with_database("not_there"), "has no database 'not_there': .* or name another in DIRECT_URL"),
        (there.with_user("no_such_user"), "Check user and password in DIRECT_URL"),
        (replace(there, driver=(("options", "-c nothing=1"),)), "says: unrecognized configuration parameter"),
        (replace(there, host="/nowhere"), "Cannot connect to .*Is PostgreSQL running there"),
    ):
        with pytest.raises(DatabaseUnavailable, match=words):
            await connect(address)
