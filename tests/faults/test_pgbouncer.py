"""A real PgBouncer that carries no prepared statements, in transaction mode unless a test says otherwise.

Where a session is needed, that is said before the first statement; where none is, all works. Other clients were there
before: the first one finds no fault.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from crossdock.address import Address
from crossdock.cli.diagnosis import State, examine
from crossdock.config.settings import Settings
from crossdock.driver.connection import PROCESS, ThroughPooler, carries_prepared, connect, is_pooled
from crossdock.driver.pooler import Mode, Pooler, StatementPooling, find_pooler
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.transaction import Database
from freight.tenancy import CompanyScope
from tests.acceptance.process import Service, crossdock
from tests.faults.pgbouncer import pgbouncer, version
from tests.library.scene import PLATFORM, Happened, new_tenant, small, who, write_sqlalchemy, write_tortoise
from tests.world import Server

SENTENCE = "goes through a pooler, and what is to be done needs a session of PostgreSQL's own: set"


@pytest.fixture(scope="module")
def pooler(settings: Settings, server: Server) -> Iterator[Address]:
    """The pooled lane of `settings`, through PgBouncer."""
    with pgbouncer(settings.pooled, server.owner.user, settings.platform.user) as address:
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


async def test_prepared_statements_are_turned_off_by_themselves(behind: Settings) -> None:
    """The service finds what stands there at its start, does without, and says so; the doctor warns of it each time."""
    on = behind.model_copy(update={"prepared_statements": True})
    assert on.prepares
    async with Database(small(on, 4), Registry.found()) as database:
        assert not database.driver.prepared_statements
        await _work_of_eight(database)
    service = Service(on)
    try:
        await service.start()
        said = f" via PgBouncer {version()} (transaction mode), without prepared statements → tortoise (tortoise) "
        assert f"connected: pooled lane at {on.pooled.place}{said}" in service.log
        assert f"connected: direct lane at {on.direct.place} → direct (asyncpg)" in service.log
        assert "prepared_statements_off" in service.log
    finally:
        await service.stop()
    for _ in range(3):
        checks = {check.name: check for check in await examine(on)}
        assert [name for name, check in checks.items() if check.state is State.FAILED] == []
        assert checks["pooler"].state is State.WARNING
        assert "CROSSDOCK_PREPARED_STATEMENTS=false" in checks["pooler"].advice


MODES = {"transaction": Mode.TRANSACTION, "session": Mode.SESSION}


@pytest.mark.parametrize("mode", MODES)
async def test_what_stands_there(settings: Settings, server: Server, mode: str) -> None:
    """Its mode by what it does, also while others use it; its version, where the login may see its console."""
    with pgbouncer(settings.pooled, server.owner.user, pool_mode=mode) as address:
        found = await find_pooler(address)
        assert found == Pooler(f"PgBouncer {version()}", MODES[mode], carries_prepared=False)
        assert str(found) == f"PgBouncer {version()} ({mode} mode)"
    with pgbouncer(settings.pooled, server.owner.user, pool_mode=mode, stats_users="") as address:
        assert await find_pooler(address) == replace(found, name=None)
    assert await find_pooler(settings.pooled) is None


async def test_no_session_is_free_to_look_with(settings: Settings, server: Server) -> None:
    """What cannot be found out is not said: one session, which another client holds."""
    with pgbouncer(settings.pooled, server.owner.user, pool_mode="session", default_pool_size="1") as address:
        found = await find_pooler(address)
        assert found is not None
        assert found.mode is Mode.UNKNOWN


async def test_statement_mode_is_refused(settings: Settings, server: Server) -> None:
    """No transaction can have two statements there: by the service at its start and by the doctor, in one sentence."""
    with pgbouncer(settings.pooled, server.owner.user, settings.platform.user, pool_mode="statement") as address:
        wrong = settings.with_database(address, settings.direct, address.with_user(settings.platform.user))
        with pytest.raises(StatementPooling, match="set its pool_mode to transaction"):
            async with Database(wrong, Registry.found()):
                pass
        ran = await crossdock("serve", "--port", "0", settings=wrong)
        assert ran.is_one_line("goes through a pooler in statement mode", "set its pool_mode to transaction"), ran
        checks = {check.name: check for check in await examine(wrong)}
        assert "set its pool_mode to transaction" in checks["pooler"].message


async def test_session_mode_works(settings: Settings, server: Server) -> None:
    """Both ORMs, in one transaction, of eight tenants at once."""
    logins = (server.owner.user, settings.platform.user)
    with pgbouncer(settings.pooled, *logins, pool_mode="session", default_pool_size="20") as address:
        behind = settings.with_database(address, settings.direct, address.with_user(settings.platform.user))
        async with Database(small(behind, 4), Registry.found()) as database:
            await _work_of_eight(database)


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


async def process(address: Address) -> int:
    """PostgreSQL's process that answers there."""
    connection = await connect(address)
    try:
        return int(await connection.fetchval(PROCESS))
    finally:
        await connection.close()


async def test_after_a_migration_no_session_is_of_before(empty: Settings, server: Server) -> None:
    """Where the owner's login may give orders the pooler is given one; where not, the command says what to do."""
    logins = (server.owner.user, empty.platform.user)
    for admins, words in ((server.owner.user, "connects anew"), ("", "send it RECONNECT on its console")):
        with pgbouncer(empty.pooled, *logins, admin_users=admins, default_pool_size="1") as address:
            behind = empty.with_database(address, empty.direct, address.with_user(empty.platform.user))
            before = await process(address)
            ran = await crossdock("migrate", "up", settings=behind)
            assert ran.status == 0, ran
            assert words in ran.errors
            assert (await process(address) != before) is bool(admins)
            again = await crossdock("migrate", "up", settings=behind)
            assert (again.status, again.errors) == (0, "")
            undone = await crossdock("migrate", "down", "--yes", settings=behind)
            assert words in undone.errors


async def test_both_orms_behind_it(behind: Settings) -> None:
    """Writes of both in one transaction, and reads, of eight tenants at once on four sessions of PgBouncer's."""
    async with Database(small(behind, 8), Registry.found()) as database:
        await _work_of_eight(database)


async def _work_of_eight(database: Database) -> None:
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
