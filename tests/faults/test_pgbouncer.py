"""A real PgBouncer 1.18 in transaction mode. Where a session is needed, that is said before the first statement; where
none is, all works, or the missing setting is named. Other clients were there before: the first one finds no fault.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from crossdock.address import Address
from crossdock.cli.diagnosis import State, examine
from crossdock.config.settings import Settings
from crossdock.driver.connection import ThroughPooler, carries_prepared, connect, is_pooled
from crossdock.errors import ConfigurationError
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.transaction import Database
from freight.tenancy import CompanyScope
from tests.acceptance.process import Service, crossdock
from tests.faults.pgbouncer import pgbouncer
from tests.library.scene import PLATFORM, Happened, new_tenant, small, who, write_sqlalchemy, write_tortoise
from tests.world import Server

SENTENCE = "goes through a pooler, and what is to be done needs a session of PostgreSQL's own: set"


@pytest.fixture(scope="module")
async def pooler(settings: Settings, server: Server) -> AsyncIterator[Address]:
    """The pooled lane of `settings`, through PgBouncer."""
    async with pgbouncer(settings.pooled, server.owner.user, settings.platform.user) as address:
        yield address


@pytest.fixture
def direct(settings: Settings, pooler: Address, server: Server) -> Settings:
    """DIRECT_URL is PgBouncer's too, which is the mistake."""
    return settings.with_database(pooler, pooler.with_user(server.owner.user), pooler.with_user(settings.platform.user))


@pytest.fixture
def behind(settings: Settings, pooler: Address) -> Settings:
    """As it should be: the pools behind PgBouncer, the direct lane at PostgreSQL, no prepared statements."""
    return settings.model_copy(update={"prepared_statements": False}).with_database(
        pooler, settings.direct, pooler.with_user(settings.platform.user)
    )


NEED_A_SESSION = [
    ("migrate", "up"),
    ("migrate", "up", "--trace"),
    ("migrate", "down", "--yes"),
    ("migrate", "plan"),
    ("migrate", "status"),
    ("migrate", "check"),
    ("migrate", "new", "-m", "Anything", "--module", "ledger"),
    ("migrate", "new", "-m", "Anything", "--module", "ledger", "--empty"),
    ("schema", "check"),
    ("seed",),
    ("serve", "--port", "0"),
    ("serve", "--port", "0", "--demo"),
    ("documents", "show", "bookings.booking", "--explain"),
]


@pytest.mark.parametrize("command", NEED_A_SESSION, ids=" ".join)
async def test_a_command_that_needs_a_session_says_so(direct: Settings, command: tuple[str, ...]) -> None:
    """One sentence, with the variable that is wrong and what to set."""
    ran = await crossdock(*command, settings=direct)
    assert ran.is_one_line(f"DIRECT_URL {SENTENCE} it to PostgreSQL itself."), ran


@pytest.mark.parametrize("command", [("migrate", "status"), ("serve", "--port", "0")], ids=" ".join)
async def test_the_only_address_is_the_pooler(settings: Settings, pooler: Address, command: tuple[str, ...]) -> None:
    """Without a DIRECT_URL the direct lane is DATABASE_URL: the sentence says what to set."""
    ran = await crossdock(*command, settings=settings, DATABASE_URL=pooler.url, DIRECT_URL="")
    assert ran.is_one_line(f"DATABASE_URL {SENTENCE} DIRECT_URL to PostgreSQL itself."), ran


async def test_the_doctor_finds_it(direct: Settings) -> None:
    """On the lane that is wrong, each time that it is asked; the command ends with status 1."""
    for _ in range(3):
        checks = {check.name: check for check in await examine(direct)}
        assert checks["direct lane"].state is State.FAILED
        assert SENTENCE in checks["direct lane"].message
        assert checks["pooled lane"].state is State.OK
    ran = await crossdock("doctor", "--json", settings=direct)
    assert ran.status == 1, ran


async def test_many_clients_at_once_find_the_same(pooler: Address) -> None:
    """None of them is told that a statement is there already, whoever's session it is given."""

    async def look() -> tuple[bool, bool]:
        connection = await connect(pooler)
        try:
            return await is_pooled(connection), await carries_prepared(connection)
        finally:
            await connection.close()

    assert set(await asyncio.gather(*(look() for _ in range(40)))) == {(True, False)}
    with pytest.raises(ThroughPooler):
        await connect(replace(pooler, needs_session=True))


async def test_prepared_statements_are_refused_with_their_setting(behind: Settings) -> None:
    """By the service at its start, before a pool is opened, and by the doctor: both name the setting."""
    on = behind.model_copy(update={"prepared_statements": True})
    with pytest.raises(ConfigurationError, match="set CROSSDOCK_PREPARED_STATEMENTS=false"):
        async with Database(on, Registry.found()):
            pass
    ran = await crossdock("serve", "--port", "0", settings=on)
    assert ran.is_one_line("set CROSSDOCK_PREPARED_STATEMENTS=false"), ran
    for _ in range(3):
        checks = {check.name: check for check in await examine(on)}
        assert [name for name, check in checks.items() if check.state is State.FAILED] == ["prepared statements"]
        assert "CROSSDOCK_PREPARED_STATEMENTS=false" in checks["prepared statements"].advice


async def test_with_the_setting_all_is_well(behind: Settings, pooler: Address) -> None:
    """The doctor has nothing to say, by the setting or by Prisma's `pgbouncer=true`, and the service serves."""
    platform = {"CROSSDOCK_PLATFORM_URL": behind.platform.url}
    off = platform | {"CROSSDOCK_PREPARED_STATEMENTS": "false"}
    for variables in (off, platform | {"DATABASE_URL": f"{pooler.url}&pgbouncer=true"}):
        ran = await crossdock("doctor", "--json", settings=behind, **variables)
        assert ran.status == 0, [check for check in ran.json["checks"] if check["state"] == "failed"]
    service = Service(behind, **off)
    try:
        await service.start()
        async with service.http() as http:
            answers = await asyncio.gather(*(http.get("/readyz") for _ in range(20)))
        assert {answer.status_code for answer in answers} == {200}
    finally:
        await service.stop()


async def test_both_orms_behind_it(behind: Settings) -> None:
    """Writes of both in one transaction, and reads, of eight tenants at once on four sessions of PgBouncer's."""
    async with Database(small(behind, 8), Registry.found()) as database:
        tenants = [await new_tenant(database) for _ in range(8)]

        async def work(tenant: CompanyScope) -> None:
            for _ in range(20):
                company_id = new_id()
                async with database.transaction(PLATFORM) as tx:
                    await write_tortoise(tx, company_id)
                    await write_sqlalchemy(tx, new_id())
                    tx.emit(Happened(subject_id=company_id))
                async with database.transaction(tenant) as tx:
                    assert (await who(tx))[1] == str(tenant.company_id)

        await asyncio.gather(*(work(tenant) for tenant in tenants))
