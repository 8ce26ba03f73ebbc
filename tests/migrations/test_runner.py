"""One deployer at a time: the others wait and are told for whom, and a run whose backends ended is run again."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from tortoise.backends.asyncpg.client import TransactionWrapper

from crossdock.config.settings import Settings
from crossdock.errors import ConfigurationError
from crossdock.migrations.history.journal import PROGRAM
from crossdock.migrations.history.reading import MigrationsRefused
from crossdock.migrations.run.failure import StepFailed
from crossdock.migrations.run.lock import ORPHANS, AnotherDeployer, deployer_lock
from crossdock.migrations.run.runner import Runner
from crossdock.registry import Registry
from tests.migrations.catalogue import Catalogue, look
from tests.world import Server


async def test_two_at_once_apply_everything_once(
    server: Server, empty: Settings, runner: Runner, migrated: Catalogue
) -> None:
    """One does the work while the other waits, finds nothing to do, and ends well."""
    steps: list[list[str]] = [[], []]
    await asyncio.gather(*(runner.up(each.append) for each in steps))
    assert sorted(len(each) for each in steps) == [1, 1 + len(runner.chains.revisions)]
    assert await look(server, empty.direct.database) == migrated
    connection = await server.connect(empty.direct.database)
    assert await connection.fetchval("SELECT count(*) = count(DISTINCT version) FROM aerich")
    assert await connection.fetchval("SELECT count(*) FROM alembic_version") == 1
    await connection.close()


async def test_who_waited_in_vain_is_told_for_whom(empty: Settings, runner: Runner) -> None:
    """The holder's user, place, process and time; and once it has gone, the lock is free."""
    async with deployer_lock(empty.direct) as holder:
        pid = await holder.fetchval("SELECT pg_backend_pid()")
        for wait_s in (0.1, 0):
            with pytest.raises(AnotherDeployer) as caught:
                await runner.up(wait_s=wait_s)
            told = rf"Waited {wait_s:g} s .* held by {empty.direct.user} from .* \(pid {pid}, since \d\d:\d\d:\d\d\)\."
            assert re.fullmatch(told, str(caught.value))
    await runner.up(wait_s=0.1)


async def test_locks_of_other_databases_are_not_in_the_way(server: Server, empty: Settings, runner: Runner) -> None:
    """One server may hold many databases, each with a deployer of its own."""
    async with deployer_lock(server.owner.with_database("postgres")):
        await runner.up(wait_s=1)


async def test_ended_backends_leave_no_half(
    server: Server, empty: Settings, runner: Runner, migrated: Catalogue
) -> None:
    """The tools' connections are ended while they work: each time all of a revision or nothing of it."""
    eyes = await server.connect(empty.direct.database)

    async def end_backends() -> None:
        for _ in range(4):
            await asyncio.sleep(0.04)
            await eyes.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name LIKE 'crossdock migrate (%'"
            )

    disturber = asyncio.create_task(end_backends())
    for _ in range(6):
        with suppress(Exception):
            await runner.up()
    await disturber
    await runner.up()
    assert await look(server, empty.direct.database) == migrated
    await eyes.close()


async def test_a_backend_that_ends_before_begin_leaves_no_other(
    server: Server, empty: Settings, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one moment at which neither tool has a transaction to tidy: the next run waits for no connection of ours."""
    eyes = await server.connect(empty.direct.database)
    begin = TransactionWrapper.begin

    async def ended(transaction: TransactionWrapper) -> None:
        await eyes.execute("SELECT pg_terminate_backend($1, 5000)", transaction._connection.get_server_pid())
        await begin(transaction)

    monkeypatch.setattr(TransactionWrapper, "begin", ended)
    with pytest.raises(StepFailed, match="aerich:0_"):  # in which of the driver's words is up to chance
        await runner.up()
    monkeypatch.undo()
    for _ in range(20):  # asyncpg restores the floor of a pool that nobody has closed, in its own time
        assert await eyes.fetch(ORPHANS, f"{PROGRAM} (%") == []
        await asyncio.sleep(0.02)
    await runner.up(wait_s=0)
    await eyes.close()


@pytest.fixture
async def second(server: Server, empty: Settings) -> AsyncIterator[Settings]:
    """Another owner and another service's user than those who made the roles, who are there on this server already."""
    admin = await server.connect("postgres")
    name = f"crossdock_test_{os.getpid()}_second"
    await admin.execute(f"CREATE ROLE {name} LOGIN; CREATE ROLE {name}_service LOGIN NOINHERIT")
    await admin.execute(f'ALTER DATABASE "{empty.direct.database}" OWNER TO {name}')
    yield empty.with_database(empty.pooled.with_user(f"{name}_service"), empty.direct.with_user(name))
    await server.drop(empty.direct.database)
    await admin.execute(f"DROP OWNED BY {name}; DROP ROLE {name}_service; DROP ROLE {name}")
    await admin.close()


def remedy_in(error: BaseException) -> str:
    """The SQL at the end of a message."""
    found = re.search(
        r"As? a superuser(?: or \w+)*: ([A-Z].+?)(?:; then run this again)?\.\n?", str(error), re.IGNORECASE
    )
    assert found is not None, str(error)
    return found[1]


async def test_without_the_right_to_make_roles(server: Server, second: Settings, registry: Registry) -> None:
    """What is said to help does: before PostgreSQL 16 CREATEROLE, since then the roles themselves with ADMIN OPTION,
    also for a user who has CREATEROLE."""
    admin = await server.connect("postgres")
    name = second.direct.user
    if admin.get_server_version() >= (16,):
        await admin.execute(f"ALTER ROLE {name} CREATEROLE")
        wanted = f"GRANT crossdock_app, crossdock_platform TO {name} WITH ADMIN OPTION"
    else:
        wanted = f"ALTER ROLE {name} CREATEROLE"
    with pytest.raises(ConfigurationError, match="may not make the roles") as caught:
        await Runner(second, registry).up()
    assert remedy_in(caught.value) == wanted
    assert f"let {second.pooled.user} and {second.platform.user} become them" in str(caught.value)
    await admin.execute(wanted)
    await admin.close()
    await Runner(second, registry).up()
    assert all(chain.is_current for chain in await Runner(second, registry).status())


async def test_a_second_migrator_of_the_same_tables(server: Server, second: Settings, registry: Registry) -> None:
    """Who does not own them is told the GRANT with which the next run works, and the first owner's runs go on."""
    admin = await server.connect("postgres")
    first = second.with_database(second.pooled, second.direct.with_user(server.owner.user))
    await admin.execute(f'ALTER DATABASE "{second.direct.database}" OWNER TO {server.owner.user}')
    await Runner(first, registry).up()
    await admin.execute(f"GRANT crossdock_app, crossdock_platform TO {second.direct.user} WITH ADMIN OPTION")
    with pytest.raises(MigrationsRefused, match="may not write aerich") as caught:
        await Runner(second, registry).up()
    for statement in remedy_in(caught.value).split("; "):
        await admin.execute(statement)
    await Runner(second, registry).down(target="aerich:1")
    await Runner(second, registry).up()
    await Runner(first, registry).up()
    await admin.close()
