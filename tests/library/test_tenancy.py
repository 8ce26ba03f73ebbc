"""Another tenant's rows are neither read, changed nor inserted: every table, every verb, both ORMs' ways."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import pytest
from tortoise.connection import get_connection

from crossdock.config.settings import Settings
from crossdock.driver.tortoise_client import ALIAS
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.transaction import Database, Transaction
from crossdock.transaction.faults import driver_error
from crossdock.transaction.reading import Reading
from freight.tenancy import CompanyScope
from tests.library.rows import Made, insertion, make_rows
from tests.library.scene import Eyes, Stop, new_tenant, opened, small
from tests.world import Server, database_name


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Two companies that do business, a third that has none with them, and a row of each of the two in every table."""

    settings: Settings
    database: Database
    eyes: Eyes
    shipper: CompanyScope
    carrier: CompanyScope
    stranger: CompanyScope
    made: Made

    @property
    def all(self) -> tuple[CompanyScope, ...]:
        return self.shipper, self.carrier, self.stranger


@pytest.fixture(scope="module")
async def neighbours(server: Server, template: str, registry: Registry) -> AsyncIterator[Neighbours]:
    """On a database of its own: the rows are made up, and the books would not balance."""
    settings = await server.copy(database_name("tenancy"), template)
    connection = await server.connect(settings.pooled.database)
    ids = [new_id() for _ in range(2)]
    made = await make_rows(connection, *ids)
    async with opened(small(settings, 2), registry) as database:
        stranger = replace(await new_tenant(database), company_kind="both")
        tenants = CompanyScope(ids[0], "shipper"), CompanyScope(ids[1], "carrier"), stranger
        yield Neighbours(settings, database, Eyes(connection), *tenants, made)
    await connection.close()
    await server.drop(settings.pooled.database)


async def by_sqlalchemy(tx: Transaction, sql: str) -> int:
    return (await tx.sql.exec_driver_sql(sql)).rowcount


async def by_tortoise(tx: Transaction, sql: str) -> int:
    count, _ = await get_connection(ALIAS).execute_query(sql)
    return count


BOTH_WAYS = pytest.mark.parametrize("way", [by_sqlalchemy, by_tortoise])


async def attempt(tx: Transaction, way: Any, sql: str) -> int | None:
    """How many rows it reached, or None when PostgreSQL refused it for want of a right. Any other error is a fault."""
    try:
        async with tx.savepoint():
            return await way(tx, sql)
    except Exception as error:
        if isinstance(driver_error(error), asyncpg.InsufficientPrivilegeError):
            return None
        raise


def attacks(table: str, row: dict[str, Any]) -> dict[str, str]:
    """Every verb on one row that is there."""
    this = f"WHERE id = '{row['id']}'"
    return {
        "select": f"SELECT 1 FROM {table} {this}",
        "select for update": f"SELECT 1 FROM {table} {this} FOR UPDATE",
        "update": f"UPDATE {table} SET id = id {this}",
        "delete": f"DELETE FROM {table} {this}",
    }


async def reached(neighbours: Neighbours, way: Any) -> list[str]:
    """What each of the three reaches of the rows that it is no party of, by every verb. The changes are undone."""
    found = []
    for tenant in neighbours.all:
        with suppress(Stop):
            async with neighbours.database.transaction(tenant) as tx:
                for table, row in neighbours.made.of_others(tenant.company_id):
                    is_partner = table == "companies" and neighbours.made.sees(tenant.company_id, row["id"], table)
                    for verb, sql in attacks(table, row).items():
                        if await attempt(tx, way, sql) and not (is_partner and verb == "select"):
                            found.append(f"{tenant.company_kind}: {verb} {table}")
                    if await attempt(tx, way, insertion(table, row)) is not None:
                        found.append(f"{tenant.company_kind}: insert {table}")
                raise Stop
    return found


@BOTH_WAYS
async def test_nobody_reaches_the_rows_of_others(neighbours: Neighbours, way: Any) -> None:
    """Every tenant, table and verb; an INSERT is refused by the policies, whatever else would be wrong with it."""
    assert {table for table, _ in neighbours.made.of_others(neighbours.stranger.company_id)} == set(
        neighbours.made.tables
    )
    assert await reached(neighbours, way) == []


@BOTH_WAYS
async def test_a_policy_that_is_too_wide_is_noticed(neighbours: Neighbours, way: Any) -> None:
    """The test above fails when one table lets tenants do everything."""
    await neighbours.eyes.connection.execute(
        "CREATE POLICY wide ON team_members TO crossdock_app USING (true) WITH CHECK (true)"
    )
    found = await reached(neighbours, way)
    await neighbours.eyes.connection.execute("DROP POLICY wide ON team_members")
    assert found == [
        f"{tenant.company_kind}: {verb} team_members"
        for tenant, rows in ((neighbours.shipper, 1), (neighbours.carrier, 1), (neighbours.stranger, 2))
        for verb in ("select", "delete", "insert") * rows
    ]


@BOTH_WAYS
async def test_everybody_sees_exactly_its_own(neighbours: Neighbours, way: Any) -> None:
    """A party of a row sees it, where tenants see the table at all: no refusal above comes from a wrong query."""
    readable = await neighbours.eyes.connection.fetch(
        "SELECT table_name FROM information_schema.role_table_grants"
        " WHERE grantee = 'crossdock_app' AND privilege_type = 'SELECT'"
    )
    made, tables = neighbours.made, {row["table_name"] for row in readable}
    assert len(tables) > len(made.tables) / 2
    for tenant in neighbours.all:
        async with neighbours.database.transaction(tenant) as tx:
            for owner, table in made.rows:
                seen = await attempt(tx, way, f"SELECT 1 FROM {table} WHERE id = '{made.rows[owner, table]['id']}'")
                theirs = made.sees(tenant.company_id, owner, table)
                assert bool(seen) is (theirs and table in tables), f"{tenant.company_kind}: {table}"


@BOTH_WAYS
async def test_nobody_gives_its_rows_away(neighbours: Neighbours, way: Any) -> None:
    """A row of one company alone cannot be made another's by changing its company."""
    given = []
    async with neighbours.database.transaction(neighbours.shipper) as tx:
        for table, columns in neighbours.made.tables.items():
            row = neighbours.made.rows[neighbours.shipper.company_id, table]
            for column in columns:
                if column.is_company and neighbours.made.parties(neighbours.shipper.company_id, table) == {
                    row[column.name]
                }:
                    sql = (
                        f"UPDATE {table} SET {column.name} = '{neighbours.carrier.company_id}' WHERE id = '{row['id']}'"
                    )
                    if await attempt(tx, way, sql) is not None:
                        given.append(column.path)
    assert given == []


async def test_an_open_booking_is_seen_by_carriers_and_changed_by_none(neighbours: Neighbours) -> None:
    """The marketplace's own sharing: whoever carries sees it; shippers do not; only its company changes it."""
    row = neighbours.made.rows[neighbours.shipper.company_id, "bookings"]
    kinds = {"carrier": 1, "both": 1, "shipper": 0, "platform": 0, "": 0}
    await neighbours.eyes.connection.execute("UPDATE bookings SET status = 'open' WHERE id = $1", row["id"])
    for kind, seen in kinds.items():
        async with neighbours.database.transaction(replace(neighbours.stranger, company_kind=kind)) as tx:
            for way in (by_sqlalchemy, by_tortoise):
                found = {verb: await attempt(tx, way, sql) for verb, sql in attacks("bookings", row).items()}
                assert (found["select"], found["delete"]) == (seen, None)
                assert not found["update"]  # nor may anybody change whose it is
                assert found["select for update"] == 0  # a lock is the beginning of a change
    await neighbours.eyes.connection.execute("UPDATE bookings SET status = 'draft' WHERE id = $1", row["id"])


async def test_a_company_is_seen_by_those_who_deal_with_it(neighbours: Neighbours) -> None:
    """Partners read each other's row; a carrier reads that of an open booking, for as long as it is open."""
    shipper, row = neighbours.shipper, neighbours.made.rows[neighbours.shipper.company_id, "bookings"]
    sql = f"SELECT 1 FROM companies WHERE id = '{shipper.company_id}'"

    async def seen_by(tenant: CompanyScope) -> int | None:
        async with neighbours.database.transaction(tenant) as tx:
            return await attempt(tx, by_sqlalchemy, sql)

    visitor = replace(neighbours.stranger, company_kind="carrier")
    assert (await seen_by(neighbours.carrier), await seen_by(visitor)) == (1, 0)
    await neighbours.eyes.connection.execute("UPDATE bookings SET status = 'open' WHERE id = $1", row["id"])
    assert (await seen_by(visitor), await seen_by(replace(visitor, company_kind="shipper"))) == (1, 0)
    await neighbours.eyes.connection.execute("UPDATE bookings SET status = 'draft' WHERE id = $1", row["id"])
    assert await seen_by(visitor) == 0


async def test_a_bid_is_made_in_ones_own_name(neighbours: Neighbours) -> None:
    """The shipper of a booking sees its bids, and cannot add one for a carrier."""
    row = neighbours.made.rows[neighbours.shipper.company_id, "bids"]
    assert row["company_id"] == neighbours.carrier.company_id
    async with neighbours.database.transaction(neighbours.shipper) as tx:
        for way in (by_sqlalchemy, by_tortoise):
            assert await attempt(tx, way, f"SELECT 1 FROM bids WHERE id = '{row['id']}'") == 1
            assert await attempt(tx, way, insertion("bids", row)) is None


@pytest.mark.parametrize("role", ["crossdock_app", None], ids=["the tenants' role", "no role"])
async def test_without_a_tenant_nothing_is_visible(neighbours: Neighbours, role: str | None) -> None:
    """On a plain connection of the service's user, and with the tenants' role but no company set."""
    async with neighbours.database.transactions.checkout() as checkout:
        await checkout.driver.execute("RESET ROLE; SET default_transaction_read_only = off")
        service = await checkout.driver.fetchrow("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if role or service["rolsuper"]:
            await checkout.driver.execute("SET ROLE crossdock_app")
        for (_, table), row in neighbours.made.rows.items():
            for sql in (*attacks(table, row).values(), f"SELECT count(*) FROM {table} HAVING count(*) > 0"):
                try:
                    assert not await checkout.driver.fetch(f"{sql} RETURNING 1" if sql[0] in "UD" else sql)
                except asyncpg.InsufficientPrivilegeError:
                    continue
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await checkout.driver.execute(insertion(table, row))


async def test_a_thousand_interleaved_units_see_their_own(neighbours: Neighbours) -> None:
    """Two tenants in turns over pools of two connections: each unit saw its own users only, and the two partners."""
    tenants = [neighbours.shipper, neighbours.carrier]
    expected = {
        tenant.company_id: {
            *(each.company_id for each in tenants),
            neighbours.made.rows[tenant.company_id, "users"]["id"],
        }
        for tenant in tenants
    }
    query = "SELECT id FROM companies UNION ALL SELECT id FROM users"

    async def unit(number: int) -> None:
        tenant = tenants[number % 2]
        pool = (neighbours.database.tortoise, neighbours.database.transactions)[number // 2 % 2]
        async with Reading(neighbours.database.environment, tenant, pool):
            seen = {row["id"] for row in await get_connection(ALIAS).execute_query_dict(query)}
        assert seen == expected[tenant.company_id]
        assert pool.gate.size == 2

    numbers = iter(range(1000))

    async def client() -> None:
        for number in numbers:
            await unit(number)

    await asyncio.gather(*(client() for _ in range(8)))
