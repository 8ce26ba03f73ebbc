"""Backends that are ended, a network that breaks or stalls, locks that are held: clear errors in time, and recovery."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from tortoise.connection import get_connection

from crossdock.config.limits import Limits
from crossdock.config.settings import Settings
from crossdock.driver.tortoise_client import ALIAS
from crossdock.errors import DatabaseUnavailable, OutcomeUnknown
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.transaction import Database
from crossdock.transaction.faults import violated_constraint
from freight.modules.companies.store import CompanyReads
from tests.library.proxy import Proxy
from tests.library.scene import PLATFORM, SOMEBODY, Eyes, opened, small, through, write_sqlalchemy, write_tortoise
from tests.waiting import until, until_asleep
from tests.world import Server, database_name

LIMIT_S = 0.4
"""How long a caller of these tests' pools waits for a connection, and for a server that does not answer."""

ALL = Callable[[], Any]


@pytest.fixture(scope="module")
async def apart(server: Server, template: str) -> AsyncIterator[Settings]:
    """Settings on a database of our own: others' backends are left alone."""
    settings = await server.copy(database_name("faults"), template)
    yield settings
    await server.drop(settings.pooled.database)


@pytest.fixture
async def theirs(server: Server, apart: Settings) -> AsyncIterator[Eyes]:
    """A superuser's eyes on it."""
    connection = await server.connect(apart.pooled.database)
    yield Eyes(connection)
    await connection.close()


@pytest.fixture
async def database(apart: Settings, registry: Registry) -> AsyncIterator[Database]:
    async with opened(small(apart, 4, min_size=4), registry) as database:
        yield database


@pytest.fixture
async def proxy(apart: Settings) -> AsyncIterator[Proxy]:
    async with Proxy(apart.pooled) as proxy:
        yield proxy


@pytest.fixture
async def proxied(
    apart: Settings, registry: Registry, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Database]:
    """The same database through the proxy, with limits that a test can wait for."""
    monkeypatch.setattr(Limits, "command_timeout_s", LIMIT_S)
    settings = small(through(apart, proxy.address), 2, timeout_s=LIMIT_S)
    async with opened(settings, registry) as database:
        yield database


async def end_backends(theirs: Eyes, which: str = "crossdock %") -> int:
    """Ends our pools' backends of this database, as an administrator or a failover would. Returns how many."""
    ended = await theirs.connection.fetch(
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name LIKE $1",
        which,
    )
    return len(ended)


async def write(database: Database, subject: UUID, before_the_end: ALL | None = None) -> None:
    """Both ORMs, and something that happens before the commit."""
    async with database.transaction(PLATFORM) as tx:
        await write_tortoise(tx, subject)
        await write_sqlalchemy(tx, subject)
        if before_the_end is not None:
            await before_the_end()


async def read(database: Database) -> None:
    async with database.reading(PLATFORM, CompanyReads) as companies:
        await companies.get(new_id())


async def all_is_well(database: Database) -> None:
    """Both pools work, and hold nothing."""
    await write(database, new_id())
    await read(database)
    assert {pool.name: pool.gate.statistics.in_use for pool in database.pools if pool.gate.statistics.in_use} == {}


async def well_again(database: Database) -> None:
    """All is well in the end, for pools whose own limits a busy machine may well exceed."""

    async def is_well() -> bool:
        with suppress(DatabaseUnavailable, OutcomeUnknown):
            await all_is_well(database)
            return True
        return False

    await until(is_well)


async def fails(work: Coroutine[Any, Any, Any], *kinds: type[Exception]) -> None:
    """With one of these errors. Whatever has no limit of its own hangs here."""
    with pytest.raises(kinds):
        await work


async def test_a_backend_ended_between_statements(database: Database, theirs: Eyes) -> None:
    """The unit says that the database was not there, nothing is written, the next one works."""
    subject = new_id()

    async def ended_and_going_on() -> None:
        assert await end_backends(theirs)
        await get_connection(ALIAS).execute_query("SELECT 1")

    with pytest.raises(DatabaseUnavailable):
        await write(database, subject, ended_and_going_on)
    assert await theirs.written(subject) == set()
    await all_is_well(database)


@pytest.mark.parametrize("orm", ["tortoise", "sqlalchemy"])
async def test_a_backend_ended_in_a_statement(database: Database, theirs: Eyes, orm: str) -> None:
    """In whichever ORM's statement it happens."""
    subject = new_id()

    async def ended_inside() -> None:
        async with database.transaction(PLATFORM) as tx:
            await write_tortoise(tx, subject)
            execute = tx.sql.execute(text("SELECT pg_sleep(99)")) if orm == "sqlalchemy" else None
            await (execute or get_connection(ALIAS).execute_query("SELECT pg_sleep(99)"))

    task = asyncio.create_task(ended_inside())
    await until_asleep(theirs.connection, "SELECT pg_sleep(99)")
    assert await end_backends(theirs)
    with pytest.raises(DatabaseUnavailable):
        await task
    assert await theirs.written(subject) == set()
    await all_is_well(database)


async def test_a_backend_ended_before_the_commit(database: Database, theirs: Eyes) -> None:
    """Without another statement in between, the commit itself tells of it."""
    subject = new_id()
    with pytest.raises((DatabaseUnavailable, OutcomeUnknown)):
        await write(database, subject, lambda: end_backends(theirs))
    assert await theirs.written(subject) == set()
    await all_is_well(database)


async def test_a_loss_that_was_noticed_before_the_commit_is_certain(database: Database, theirs: Eyes) -> None:
    """COMMIT was never sent, so the outcome is known: nothing was written."""

    with pytest.raises(DatabaseUnavailable):
        async with database.transaction(PLATFORM) as tx:
            await write_sqlalchemy(tx, new_id())
            driver = tx._open().driver
            await end_backends(theirs)
            await until(driver.is_closed)
    await all_is_well(database)


async def test_a_backend_ended_in_a_reading(database: Database, theirs: Eyes) -> None:
    """On Tortoise's pool too."""
    with pytest.raises(DatabaseUnavailable):
        async with database.reading(SOMEBODY, CompanyReads) as companies:
            await end_backends(theirs, "crossdock tortoise")
            await companies.get(new_id())
    await all_is_well(database)


async def test_backends_ended_in_the_pool_are_not_noticed(database: Database, theirs: Eyes) -> None:
    """All idle connections of both pools are ended: the next units take new ones, and none of them fails."""
    assert await end_backends(theirs) >= 4
    await asyncio.gather(*(write(database, new_id()) for _ in range(4)), *(read(database) for _ in range(4)))
    assert await end_backends(theirs) >= 4
    for _ in range(4):
        await write(database, new_id())
        await read(database)
    await all_is_well(database)


@pytest.mark.parametrize("reaches", [True, False], ids=["the commit arrived", "the commit did not arrive"])
async def test_the_outcome_of_a_broken_commit_is_unknown(
    proxied: Database, proxy: Proxy, theirs: Eyes, reaches: bool
) -> None:
    """The connection breaks during COMMIT: the caller is told to look, for it may have been done, or not."""
    subject = new_id()
    ran: list[str] = []

    async def run() -> None:
        ran.append("ran")

    proxy.cut_at("COMMIT", reaches_the_server=reaches)
    with pytest.raises(OutcomeUnknown, match="read before you send it again"):
        async with proxied.transaction(PLATFORM) as tx:
            tx.after_commit(run)
            await write_tortoise(tx, subject)
            await write_sqlalchemy(tx, subject)
    assert await theirs.written(subject) == ({"tortoise", "sqlalchemy"} if reaches else set())
    assert ran == []
    await all_is_well(proxied)


async def test_a_commit_that_is_refused_is_not_unknown(database: Database, theirs: Eyes) -> None:
    """PostgreSQL's own no at COMMIT, as by a deferred constraint, is told as what it is."""
    await theirs.connection.execute(
        "CREATE TABLE IF NOT EXISTS deferred (id int UNIQUE DEFERRABLE INITIALLY DEFERRED);"
        "GRANT ALL ON deferred TO crossdock_platform"
    )
    subject = new_id()
    with pytest.raises(asyncpg.UniqueViolationError) as caught:
        async with database.transaction(PLATFORM) as tx:
            await write_tortoise(tx, subject)
            await tx.sql.execute(text("INSERT INTO deferred VALUES (1), (1)"))
    assert violated_constraint(caught.value) == "deferred_id_key"
    assert await theirs.written(subject) == set()
    await all_is_well(database)


async def test_a_server_that_is_away(proxied: Database, proxy: Proxy, theirs: Eyes) -> None:
    """Units in the middle and new ones fail; when it is back, they work by themselves."""
    await well_again(proxied)
    subject = new_id()
    await fails(write(proxied, subject, proxy.cut), DatabaseUnavailable, OutcomeUnknown)
    for work in (write(proxied, subject), read(proxied), proxied.direct.ping()):
        await fails(work, DatabaseUnavailable, OSError)
    assert await theirs.written(subject) == set()
    await proxy.restore()
    await well_again(proxied)


async def test_a_server_that_does_not_answer(proxied: Database, proxy: Proxy, theirs: Eyes) -> None:
    """Connections are there and nothing comes back: every step has a limit, also that of who was cancelled."""
    await well_again(proxied)
    subject = new_id()

    async def stalled() -> None:
        proxy.stall()
        await get_connection(ALIAS).execute_query("SELECT 1")

    # The statement, then the rollback; or, at the begin: connecting, then the begin.
    await fails(write(proxied, subject, stalled), DatabaseUnavailable)
    await fails(write(proxied, subject), DatabaseUnavailable)
    await fails(read(proxied), DatabaseUnavailable)
    await fails(asyncio.wait_for(write(proxied, subject), LIMIT_S / 4), TimeoutError, DatabaseUnavailable)
    assert [pool.gate.statistics.in_use for pool in proxied.pools] == [0, 0, 0, 0]
    proxy.go_on()
    await well_again(proxied)
    assert await theirs.written(subject) == set()


async def test_pools_close_although_nothing_answers(proxied: Database, proxy: Proxy) -> None:
    """The end of the process waits for no server, and for no unit that is still open."""
    await well_again(proxied)
    begun = asyncio.Event()

    async def left_open() -> None:
        async with proxied.transaction(PLATFORM):
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(left_open())
    await begun.wait()
    proxy.stall()
    await proxied.close()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert proxied.transactions.gate.statistics.in_use == 0


async def test_a_server_that_takes_no_connection(server: Server, theirs: Eyes, database: Database) -> None:
    """Whatever it refuses them for: that is told as unavailable, on both pools, and passes."""
    name = database.settings.pooled.database
    admin = await server.connect("postgres")
    await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    await end_backends(theirs)
    for work in (write(database, new_id()), read(database)):
        with pytest.raises(DatabaseUnavailable):
            await work
    await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    await admin.close()
    await all_is_well(database)
