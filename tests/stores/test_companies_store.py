"""The contract of the companies store, over every implementation, on a real PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from crossdock.errors import Forbidden
from crossdock.ids import new_id
from crossdock.tenancy import Platform
from crossdock.transaction import Database, Unit
from freight.modules.companies.store import CompanyKind, CompanyRow, CompanyStore
from freight.tenancy import CompanyScope
from tests.stores.implementations import implementations
from tests.world import Server, unique

PLATFORM = Platform("a store's contract")
MakeStore = Callable[[Unit], CompanyStore]


@pytest.fixture(params=implementations(CompanyStore), ids=lambda implementation: implementation.__name__)
def store(request: pytest.FixtureRequest) -> MakeStore:
    made: MakeStore = request.param
    return made


async def added(database: Database, store: MakeStore, kind: CompanyKind = CompanyKind.SHIPPER) -> CompanyRow:
    now = datetime.now(UTC)
    row = CompanyRow(id=new_id(), name=unique("company"), kind=kind, created_at=now, updated_at=now, version=1)
    async with database.transaction(PLATFORM) as tx:
        await store(tx).add(row)
    return row


@pytest.mark.parametrize("kind", [CompanyKind.SHIPPER, CompanyKind.CARRIER, CompanyKind.BOTH])
async def test_what_is_added_is_found(database: Database, store: MakeStore, kind: CompanyKind) -> None:
    """A company comes back as it was given, to the platform and to itself, locked or not."""
    row = await added(database, store, kind)
    for scope in (PLATFORM, CompanyScope(row.id, kind)):
        async with database.transaction(scope) as tx:
            assert await store(tx).get(row.id) == row
    async with database.transaction(PLATFORM) as tx:
        assert await store(tx).get(row.id, lock=True) == row


async def test_others_see_nothing(database: Database, store: MakeStore) -> None:
    """None for another tenant's company and for one that does not exist."""
    row, other = await added(database, store), await added(database, store)
    async with database.transaction(CompanyScope(other.id, other.kind)) as tx:
        assert await store(tx).get(row.id) is None
        assert await store(tx).get(new_id()) is None


async def test_a_tenant_writes_nothing(database: Database, store: MakeStore) -> None:
    """Not even a company of its own id, and it locks nothing."""
    row = await added(database, store)
    with pytest.raises(Forbidden):
        async with database.transaction(CompanyScope(row.id, row.kind)) as tx:
            await store(tx).add(row)
    with pytest.raises(Forbidden):
        async with database.transaction(CompanyScope(row.id, row.kind)) as tx:
            await store(tx).get(row.id, lock=True)


async def test_a_deleted_company_is_not_found(database: Database, store: MakeStore, server: Server) -> None:
    """Its row stays for the history, its tenant is gone."""
    row = await added(database, store)
    connection = await server.connect(database.settings.direct.database)
    await connection.execute("UPDATE companies SET deleted_at = now() WHERE id = $1", row.id)
    await connection.close()
    async with database.transaction(PLATFORM) as tx:
        assert await store(tx).get(row.id) is None


async def test_a_lock_lets_references_through(database: Database, store: MakeStore, server: Server) -> None:
    """FOR NO KEY UPDATE: an INSERT of a row of this company does not wait meanwhile, another lock does."""
    row = await added(database, store)
    async with database.transaction(PLATFORM) as tx:
        await store(tx).get(row.id, lock=True)
        connection = await server.connect(database.settings.direct.database)
        await connection.execute("SET lock_timeout = '200ms'")
        columns = "id, company_id, name, version, created_at, updated_at"
        insert = f"INSERT INTO teams ({columns}) VALUES ($1, $2, 'a', 1, now(), now())"
        await connection.execute(insert, new_id(), row.id)
        waiting = connection.execute("SELECT 1 FROM companies WHERE id = $1 FOR NO KEY UPDATE", row.id)
        with pytest.raises(Exception, match="lock timeout"):
            await waiting
        await connection.close()
