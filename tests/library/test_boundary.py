"""What a tenant's own statement can do at worst, whatever it says: read and change the tenant's own rows."""

import asyncio
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text

from crossdock.config.settings import Settings
from crossdock.errors import Forbidden, ProgrammingError
from crossdock.guards import NestedUnitOfWork, QueryPerRow, SessionFeatureUsed
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.transaction import Database, Transaction
from crossdock.transaction.faults import driver_error
from freight.tenancy import CompanyScope
from tests.library.rows import tables
from tests.library.scene import Eyes, new_tenant, opened, small

pytestmark = [
    pytest.mark.allows(NestedUnitOfWork, "two clients at once"),
    pytest.mark.allows(QueryPerRow, "it tries every table"),
    pytest.mark.allows(SessionFeatureUsed, "what a statement sets is what these tests are about"),
]

REFUSED = {
    "become the platform": "SET ROLE crossdock_platform",
    "become the platform by a function": "SELECT set_config('role', 'crossdock_platform', false)",
    "become the owner": "SET ROLE crossdock_owner",
    "become a superuser": "SET SESSION AUTHORIZATION postgres",
    "make a temporary table": "CREATE TEMPORARY TABLE teams (id uuid)",
    "make a temporary view": "CREATE TEMPORARY VIEW teams AS SELECT 1",
    "make a table": "CREATE TABLE mine (id int)",
    "make a schema": "CREATE SCHEMA mine",
    "make a function": "CREATE FUNCTION current_company_id(int) RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'",
    "read the key": "SELECT secret FROM tenancy_keys",
    "look past the policies": "SET row_security = off; SELECT * FROM bookings",
    "switch the triggers off": "SET session_replication_role = replica",
    "lock a table": "LOCK TABLE bookings IN ACCESS EXCLUSIVE MODE",
    "empty a table": "TRUNCATE outbox",
    "end another": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename <> session_user",
    "read the server's files": "SELECT pg_read_file('postgresql.conf')",
    "run a program": "COPY (SELECT 1) TO PROGRAM 'true'",
}
"""What PostgreSQL refuses a tenant, each with what says it."""

LASTING = (
    "SELECT set_config('crossdock.company_id', '{other}', false)",
    "SELECT set_config('role', 'none', false)",
    "SELECT set_config('search_path', 'pg_catalog', false)",
    "SET statement_timeout = 0",
    "SET default_transaction_read_only = on",
    "SET synchronous_commit = off",
    "SET TIME ZONE 'Australia/Adelaide'",
    "LISTEN everything",
    "SELECT pg_advisory_lock(42)",
    "DECLARE kept CURSOR WITH HOLD FOR SELECT 1",
)
"""What is meant to outlive its transaction."""


async def attempt(tx: Transaction, sql: str) -> BaseException | None:
    """What came of a statement, in a savepoint of its own, sent as the simple protocol does: several are allowed."""
    driver: Any = tx._open().driver
    await tx.first("SELECT 1", ())  # begun
    await driver.execute("SAVEPOINT attempt")
    try:
        await driver.execute(sql)
    except asyncpg.PostgresError as error:
        await driver.execute("ROLLBACK TO SAVEPOINT attempt")
        return error
    return None


@pytest.mark.parametrize("what", REFUSED)
async def test_it_cannot(database: Database, what: str) -> None:
    """PostgreSQL says no, and says it for want of a right."""
    async with database.transaction(await new_tenant(database)) as tx:
        error = await attempt(tx, REFUSED[what])
    assert isinstance(error, asyncpg.InsufficientPrivilegeError), error


async def test_its_login_alone_can_nothing(database: Database, eyes: Eyes) -> None:
    """Back to the login that it signed in with, it reads and writes no table at all."""
    async with database.transaction(await new_tenant(database)) as tx:
        for table in await tables(eyes.connection):
            for sql in (f"SELECT * FROM {table}", f"DELETE FROM {table}"):
                error = await attempt(tx, f"RESET ROLE; {sql}")
                assert isinstance(error, asyncpg.InsufficientPrivilegeError), (sql, error)


async def rows_seen(tx: Transaction, eyes: Eyes) -> dict[str, int]:
    """How many rows of each table a tenant sees; those that it may not read at all are left out."""
    seen = {}
    for table in await tables(eyes.connection):
        if await eyes.value("SELECT has_table_privilege('crossdock_app', $1, 'SELECT')", table):
            seen[table] = (await tx.first(f"SELECT count(*) FROM {table}", ()))[0]
    return seen


async def test_it_cannot_name_another_company(database: Database, eyes: Eyes) -> None:
    """Without the signature of the other it is nobody; with one that was read elsewhere, too."""
    mine, other = await new_tenant(database), await new_tenant(database)
    async with database.transaction(other) as theirs:
        assert (await rows_seen(theirs, eyes))["companies"] >= 1
        (stolen,) = await theirs.first("SELECT current_setting('crossdock.signature')", ())
        async with database.transaction(mine) as tx:
            assert (await tx.first("SELECT current_company_id()", ()))[0] == mine.company_id
            for signature in ("current_setting('crossdock.signature')", "''", f"'{stolen}'"):
                await tx.first(
                    f"SELECT set_config('crossdock.company_id', '{other.company_id}', true),"
                    f" set_config('crossdock.signature', {signature}, true)",
                    (),
                )
                assert (await tx.first("SELECT current_company_id()", ()))[0] is None
                assert set((await rows_seen(tx, eyes)).values()) == {0}


async def test_it_cannot_become_a_carrier(database: Database) -> None:
    """What is shared by kind is shared with the kind that was signed."""
    shipper = await new_tenant(database)
    async with database.transaction(CompanyScope(shipper.company_id, "shipper")) as tx:
        await tx.first("SELECT set_config('crossdock.company_kind', 'carrier', true)", ())
        assert (await tx.first("SELECT current_company_carries()", ()))[0] is False


async def test_the_platforms_rights_have_to_be_asked_for(database: Database) -> None:
    """A transaction that was not opened for them says so, and its login could not take them."""
    async with database.transaction(await new_tenant(database)) as tx:
        with pytest.raises(ProgrammingError, match="elevates=True"):
            async with tx.as_platform("test"):
                raise AssertionError("elevated")


@pytest.mark.parametrize("sql", LASTING)
async def test_nothing_outlives_its_transaction(settings: Settings, registry: Registry, eyes: Eyes, sql: str) -> None:
    """The next tenant on the same connection finds it as the first one did, in a transaction and in a document."""
    async with opened(small(settings, 1, min_size=1), registry) as database:
        mine, other = await new_tenant(database), await new_tenant(database)
        for _ in range(2):  # the first time the driver asks about types
            async with database.transaction(mine) as tx:
                before = await state(tx)
        async with database.transaction(mine) as tx:
            await tx.first("SELECT 1", ())
            await tx._open().driver.execute(sql.format(other=other.company_id))
        async with database.transaction(mine) as tx:
            assert await state(tx) == before
        (connection,) = database.transactions._connections
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = $1"
        assert await eyes.value(held, connection.backend) == 0
        assert await connection.driver.fetch("SELECT id FROM companies") == []  # between units it is nobody


async def state(tx: Transaction) -> list[Any]:
    """The session as PostgreSQL has it."""
    settings = "SELECT name, setting FROM pg_settings ORDER BY 1"
    rows = (await tx.sql.execute(text(settings))).all()
    channels = (await tx.sql.execute(text("SELECT * FROM pg_listening_channels()"))).all()
    cursors = (await tx.sql.execute(text("SELECT name FROM pg_cursors WHERE is_holdable"))).all()
    return [rows, channels, cursors, (await tx.first("SELECT current_user, current_company_id()", ()))[:]]


async def insert_user(tx: Transaction, boss_id: Any) -> BaseException | None:
    mine = tx.scope
    assert isinstance(mine, CompanyScope)
    sql = (
        "INSERT INTO users (id, company_id, name, email, locale, time_zone, role, boss_id, status, password_hash,"
        " created_at, updated_at, version)"
        f" VALUES ('{new_id()}', '{mine.company_id}', 'Ada', '{new_id()}@firm.example', 'en', 'UTC', 'employee',"
        f" '{boss_id}', 'active', 'x', now(), now(), 1)"
    )
    return await attempt(tx, sql)


async def test_a_boss_of_another_company_is_not_told_from_nobody(database: Database, eyes: Eyes) -> None:
    """Neither may be named, and both are refused in the same words."""
    mine, other = await new_tenant(database), await new_tenant(database)
    theirs = new_id()
    await eyes.connection.execute(
        "INSERT INTO users (id, company_id, name, email, locale, time_zone, role, status, password_hash, created_at,"
        " updated_at, version) VALUES ($1, $2, 'Eve', $3, 'en', 'UTC', 'admin', 'active', 'x', now(), now(), 1)",
        theirs,
        other.company_id,
        f"{theirs}@firm.example",
    )
    async with database.transaction(mine) as tx:
        refusals = {str(await insert_user(tx, boss)) for boss in (theirs, new_id())}
    assert refusals == {'new row violates row-level security policy for table "users"'}


async def test_an_event_is_told_of_ones_own(database: Database) -> None:
    """Not of a row that is foreign, not of one that is not there, and not by a name that no module has."""
    tenant = await new_tenant(database)
    async with database.transaction(tenant) as tx:
        for type_ in ("bookings.moved", "bids.moved", "shipments.moved", "accounts.user_changed", "ledger.posted", "x"):
            error = await attempt(
                tx,
                "INSERT INTO outbox (id, type, subject_id, company_id, payload, created_at)"
                f" VALUES ('{new_id()}', '{type_}', '{new_id()}', '{tenant.company_id}', '{{}}', now())",
            )
            assert isinstance(error, asyncpg.InsufficientPrivilegeError), (type_, error)


async def test_a_signature_is_good_for_its_backend(database: Database) -> None:
    """Two units of one tenant on two connections have two; each is believed where it belongs."""
    tenant = await new_tenant(database)
    ask = "SELECT current_setting('crossdock.signature'), current_company_id()"
    async with database.transaction(tenant) as one, database.transaction(tenant) as two:
        first, second = await asyncio.gather(one.first(ask, ()), two.first(ask, ()))
    assert first[0] != second[0]
    assert first[1] == second[1] == tenant.company_id


async def test_a_refusal_is_forbidden(database: Database) -> None:
    """Whichever ORM sent it, the caller gets the library's error, and PostgreSQL's is its cause."""
    with pytest.raises(Forbidden) as caught:
        async with database.transaction(await new_tenant(database)) as tx:
            await tx.sql.execute(text("DELETE FROM users"))
    assert isinstance(driver_error(caught.value.__cause__ or caught.value), asyncpg.InsufficientPrivilegeError)
