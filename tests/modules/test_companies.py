"""Companies: who adds them, who sees them, and the lock that others take on them."""

import asyncio

import pytest

from crossdock.errors import Forbidden, NotFound
from crossdock.ids import new_id
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from freight.modules.companies.api import (
    PLATFORM_COMPANY_ID,
    Company,
    CompanyKind,
    add_company,
    get_company,
    lock_company,
)
from freight.modules.companies.service import OnePlatform
from freight.tenancy import CompanyScope
from tests.world import Server, unique

PLATFORM = Platform("test")


async def made(database: Database, kind: CompanyKind = CompanyKind.SHIPPER) -> Company:
    async with database.transaction(PLATFORM) as tx:
        return await add_company(tx, unique("company"), kind)


def tenant(company: Company) -> CompanyScope:
    return CompanyScope(company.id, company.kind)


async def test_the_platform_adds_a_company(database: Database, server: Server) -> None:
    """It is there with its name and kind, and has an event."""
    company = await made(database, CompanyKind.BOTH)
    async with database.transaction(tenant(company), elevates=True) as tx:
        assert await get_company(tx, company.id) == company
    connection = await server.connect(database.settings.direct.database)
    payloads = await connection.fetch("SELECT type, payload->>'kind' FROM outbox WHERE subject_id = $1", company.id)
    await connection.close()
    assert [tuple(row) for row in payloads] == [("companies.created", "both")]


async def test_there_is_one_platform(database: Database) -> None:
    """Nobody adds a second one; the first one was made by the migration."""
    with pytest.raises(OnePlatform):
        await made(database, CompanyKind.PLATFORM)
    async with database.transaction(PLATFORM) as tx:
        assert (await get_company(tx, PLATFORM_COMPANY_ID)).kind is CompanyKind.PLATFORM


async def test_a_tenant_adds_no_company(database: Database) -> None:
    """The database refuses it, whatever the code above does."""
    company = await made(database)
    with pytest.raises(Forbidden):
        async with database.transaction(tenant(company), elevates=True) as tx:
            await add_company(tx, unique("company"), CompanyKind.SHIPPER)


async def test_a_tenant_sees_itself_only(database: Database) -> None:
    """Another company, the platform and one that does not exist get the same answer."""
    company, other = await made(database), await made(database)
    async with database.transaction(tenant(company), elevates=True) as tx:
        assert (await get_company(tx, company.id)).name == company.name
        for company_id in (other.id, PLATFORM_COMPANY_ID, new_id()):
            with pytest.raises(NotFound):
                await get_company(tx, company_id)


async def test_a_tenant_waits_for_the_lock_of_its_company(database: Database) -> None:
    """What two do under it comes one after the other; rows that refer to the company are written meanwhile."""
    company, order = await made(database), []

    async def work(name: str) -> None:
        async with database.transaction(tenant(company), elevates=True) as tx:
            await lock_company(tx, company.id)
            order.append(f"{name} in")
            await asyncio.sleep(0.1)
            order.append(f"{name} out")

    await asyncio.gather(work("a"), work("b"))
    assert order in (["a in", "a out", "b in", "b out"], ["b in", "b out", "a in", "a out"])


async def test_a_lock_of_nothing_is_refused(database: Database) -> None:
    """404 for a company that is not there."""
    company = await made(database)
    with pytest.raises(NotFound):
        async with database.transaction(tenant(company), elevates=True) as tx:
            await lock_company(tx, new_id())
