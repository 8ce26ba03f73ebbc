"""What the database itself refuses, for every role: editing the books, an uncovered balance, another tenant's rows."""

from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from crossdock.transaction import Database
from freight.modules.ledger import service
from tests.modules.ledger import company, do, eur, hold, reference
from tests.world import Server

BOOKS = ("ledger_transfers", "ledger_resolutions", "ledger_entries")
TABLES = ("ledger_accounts", *BOOKS)
EDITS = ("UPDATE {table} SET id = id", "DELETE FROM {table}", "TRUNCATE {table} CASCADE")


@pytest.fixture
async def connection(server: Server, database: Database) -> AsyncIterator[asyncpg.Connection]:
    """A superuser's: nothing but triggers and constraints binds it. What a test does is undone."""
    opened = await server.connect(database.settings.pooled.database)
    transaction = opened.transaction()
    await transaction.start()
    yield opened
    await transaction.rollback()
    await opened.close()


@pytest.fixture
async def owner(database: Database) -> UUID:
    """A company with a row in each of the tables."""
    made = await company(database, 1_000)
    held = await hold(database, made, eur(600))
    await do(database, service.settle, held.id, payer_id=made, payee_id=await company(database), reference=reference())
    return made


async def become(connection: asyncpg.Connection, role: str, company_id: UUID | None = None) -> None:
    await connection.execute(f"SET LOCAL ROLE {role}")
    if company_id is not None:
        await connection.execute(f"SET LOCAL crossdock.company_id = '{company_id}'")


@pytest.mark.parametrize("table", BOOKS)
@pytest.mark.parametrize("edit", EDITS)
async def test_the_books_are_not_edited_by_anybody(
    connection: asyncpg.Connection, owner: UUID, table: str, edit: str
) -> None:
    """UPDATE, DELETE and TRUNCATE are refused even to the owner and to a superuser."""
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="never changed or removed"):
        await connection.execute(edit.format(table=table))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("edit", EDITS)
async def test_a_tenant_changes_nothing(connection: asyncpg.Connection, owner: UUID, table: str, edit: str) -> None:
    """The role that tenants run as has no right to, its own rows included."""
    await become(connection, "crossdock_app", owner)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(edit.format(table=table))


@pytest.mark.parametrize("table", TABLES)
async def test_a_tenant_adds_nothing(connection: asyncpg.Connection, owner: UUID, table: str) -> None:
    """Only the platform writes the books, for both sides at once."""
    await become(connection, "crossdock_app", owner)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(f"INSERT INTO {table} SELECT * FROM {table}")


@pytest.mark.parametrize("table", BOOKS)
@pytest.mark.parametrize("edit", EDITS)
async def test_the_platform_may_add_and_not_edit(
    connection: asyncpg.Connection, owner: UUID, table: str, edit: str
) -> None:
    """It has no right to what the triggers refuse anyway."""
    await become(connection, "crossdock_platform")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(edit.format(table=table))


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("posted_minor = -1", "ck_ledger_accounts_covered"),
        ("pending_out_minor = posted_minor + 1", "ck_ledger_accounts_covered"),
        ("pending_in_minor = -1", "ck_ledger_accounts_pending"),
    ],
)
async def test_an_uncovered_balance_is_refused(
    connection: asyncpg.Connection, owner: UUID, change: str, constraint: str
) -> None:
    """Should the code ever miscount, the database does not: no account but the outside world goes below zero."""
    with pytest.raises(asyncpg.CheckViolationError, match=constraint):
        await connection.execute(
            f"UPDATE ledger_accounts SET {change} WHERE company_id = $1 AND kind = 'wallet'", owner
        )


async def test_a_second_resolution_is_refused(connection: asyncpg.Connection, owner: UUID) -> None:
    """One row per hold, by a unique constraint."""
    with pytest.raises(asyncpg.UniqueViolationError, match="uq_ledger_resolutions_transfer_id"):
        await connection.execute(
            "INSERT INTO ledger_resolutions SELECT gen_random_uuid(), transfer_id, 'voided', 0, debit_company_id,"
            " credit_company_id, actor_id, created_at FROM ledger_resolutions"
        )


async def test_an_entrys_number_is_its_own(connection: asyncpg.Connection, owner: UUID) -> None:
    """Two writers that both believe to be next cannot both be."""
    with pytest.raises(asyncpg.UniqueViolationError, match="uq_ledger_entries_account_id_account_version"):
        await connection.execute(
            "INSERT INTO ledger_entries SELECT gen_random_uuid(), account_id, transfer_id, company_id, amount_minor,"
            " balance_after_minor, account_version, created_at FROM ledger_entries"
        )


async def test_each_company_sees_its_own_books(connection: asyncpg.Connection, owner: UUID) -> None:
    """Of every table the rows that it is a side of, and no other; with no company set, none at all."""
    every = {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES}
    await become(connection, "crossdock_app", owner)
    for table, sides in {
        "ledger_accounts": "company_id",
        "ledger_entries": "company_id",
        "ledger_transfers": "debit_company_id, credit_company_id",
        "ledger_resolutions": "debit_company_id, credit_company_id",
    }.items():
        rows = await connection.fetch(f"SELECT {sides} FROM {table}")
        assert rows and len(rows) < every[table]
        assert all(owner in row for row in map(tuple, rows))
    kinds = await connection.fetch("SELECT kind FROM ledger_accounts ORDER BY kind")
    assert [row["kind"] for row in kinds] == ["held", "wallet"]  # not those of the outside world and of fees
    await connection.execute("SET LOCAL crossdock.company_id = ''")
    assert [await connection.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES] == [0, 0, 0, 0]
