"""How PostgreSQL finds what a document shows: by an index, with a plan that it keeps."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from crossdock.documents import Listing, Page
from crossdock.documents.catalogue import catalogue
from crossdock.documents.explain import explain, plan
from crossdock.guards import QueryPerRow, SessionFeatureUsed
from crossdock.registry import Registry
from crossdock.tenancy import Signer
from crossdock.transaction import Database
from crossdock.transaction.reading import Reading
from freight.tenancy import CompanyScope
from tests.application import FREIGHT
from tests.library.documents import become
from tests.stores.rows import PLATFORM, own_database
from tests.world import Server

pytestmark = pytest.mark.allows(QueryPerRow, "it reads page after page")

CATALOGUE = catalogue(Registry.discover(FREIGHT))
EACH = pytest.mark.parametrize("name", CATALOGUE)

SEED = """
INSERT INTO companies (id, created_at, updated_at, version, name, kind)
SELECT made('a', n), now(), now(), 1, 'Company ' || n, CASE WHEN n % 2 = 0 THEN 'carrier' ELSE 'shipper' END
FROM generate_series(1, 20) n;
INSERT INTO bookings (id, created_at, updated_at, version, status, pickup_address, pickup_lat, pickup_lon,
    pickup_ready_at, dropoff_address, dropoff_lat, dropoff_lon, dropoff_due_at, weight_kg, equipment,
    price_ceiling_minor, currency, company_id)
SELECT made('b', n), now(), now(), 1, CASE WHEN n % 4 = 0 THEN 'draft' ELSE 'open' END, 'Kade ' || n, 51.9, 4.4,
    now(), 'Dok ' || n, 51.2, 4.4, now() + interval '1 day', 1000, 'van', 100000, 'EUR', made('a', n % 10 * 2 + 1)
FROM generate_series(1, 20000) n;
INSERT INTO bookings (id, created_at, updated_at, version, status, pickup_address, pickup_lat, pickup_lon,
    pickup_ready_at, dropoff_address, dropoff_lat, dropoff_lon, dropoff_due_at, weight_kg, equipment,
    price_ceiling_minor, currency, company_id, carrier_id, awarded_bid_id)
SELECT made('b', n), created_at, updated_at, version, 'delivered', pickup_address, pickup_lat, pickup_lon,
    pickup_ready_at, dropoff_address, dropoff_lat, dropoff_lon, dropoff_due_at, weight_kg, equipment,
    price_ceiling_minor, currency, company_id, made('a', n % 10 * 2 + 2), made('c', n)
FROM generate_series(20001, 40000) n JOIN bookings ON bookings.id = made('b', n - 20000);
INSERT INTO bids (id, created_at, updated_at, version, status, amount_minor, currency, pickup_eta, booking_id,
    company_id, shipper_id)
SELECT made('c', n), now(), now(), 1, 'pending', 90000, 'EUR', now(), b.id, made('a', (n / 20000 + n) % 10 * 2 + 2),
    b.company_id
FROM generate_series(1, 60000) n JOIN bookings b ON b.id = made('b', n % 20000 + 1);
INSERT INTO ledger_accounts (id, company_id, kind, currency, posted_minor, pending_out_minor, pending_in_minor,
    may_go_negative, version, created_at, updated_at)
SELECT made('d', n), made('a', n % 20 + 1), 'wallet',
    chr(65 + n / 676 % 26) || chr(65 + n / 26 % 26) || chr(65 + n % 26), 0, 0, 0, true, 0, now(), now()
FROM generate_series(1, 10000) n;
INSERT INTO ledger_transfers (id, kind, reference, amount_minor, currency, debit_account_id, credit_account_id,
    debit_company_id, credit_company_id, is_pending, created_at)
SELECT made('e', n), 'hold', 'seed ' || n, 100, 'EUR', made('d', n % 10000 + 1), made('d', (n + 1) % 10000 + 1),
    made('a', n % 20 + 1), made('a', (n + 1) % 20 + 1), true, now() FROM generate_series(1, 20000) n;
INSERT INTO ledger_resolutions (id, transfer_id, outcome, amount_minor, debit_company_id, credit_company_id, created_at)
SELECT made('f', n), made('e', n), 'voided', 0, made('a', n % 20 + 1), made('a', (n + 1) % 20 + 1), now()
FROM generate_series(1, 20000) n;
INSERT INTO ledger_entries (id, account_id, transfer_id, company_id, amount_minor, balance_after_minor,
    account_version, created_at)
SELECT made('0', n), made('d', n % 100 + 1), made('e', n), made('a', n % 100 % 20 + 2), 1, 1, n, now()
FROM generate_series(1, 20000) n;
ANALYZE
"""
MADE = """
CREATE FUNCTION pg_temp.made(kind text, n int) RETURNS uuid LANGUAGE sql AS
    $$ SELECT ('0000000' || kind || '-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid $$
"""
LARGE = 1_000
"""Rows from which on a scan of the whole table is a fault."""


@pytest.fixture(scope="module")
async def seeded(server: Server, template: str, registry: Registry) -> AsyncIterator[Database]:
    """40,000 bookings with 60,000 bids, and 20,000 transfers, in a database of their own."""
    async with own_database(server, template, registry, "documents_seeded") as opened:
        connection = await server.connect(opened.settings.pooled.database)
        await connection.execute(MADE)
        await connection.execute(SEED.replace("made(", "pg_temp.made("))
        await connection.close()
        yield opened


def scans(node: dict[str, Any]) -> Iterator[str]:
    """The tables that a plan reads from one end to the other."""
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    for child in node.get("Plans", []):
        yield from scans(child)


@EACH
@pytest.mark.parametrize("number", [1, 2], ids=["shipper", "carrier"])
async def test_no_document_scans_a_large_table(seeded: Database, name: str, number: int) -> None:
    """In the plan that serves every parameter, with row level security in it, for each way to ask."""
    someone = CompanyScope(UUID(f"0000000a-0000-7000-9000-{number:012x}"), "both")
    async with seeded.transaction(someone) as unit:
        counted = await unit.sql.execute(text("SELECT relname, reltuples FROM pg_class WHERE relkind = 'r'"))
        large = {table for table, rows in counted if rows >= LARGE}
        assert {"bookings", "bids", "ledger_accounts", "ledger_transfers", "ledger_entries"} <= large
        for when, statement in CATALOGUE[name].statements.items():
            scanned = set(scans((await plan(unit.sql, statement))["Plan"])) & large
            assert scanned == set(), f"{when}:\n{await explain(unit.sql, statement)}"


LISTS_BY_PATHS = [name for name, document in CATALOGUE.items() if getattr(document, "paths", ())]
READ_MAX = {1: 300, 2: 300, 99: 30, 98: 300}
"""Pages of the table that are read for 50 rows: a shipper with 4,000, a carrier that won 2,000, a new shipper, a new
carrier."""


@pytest.mark.allows(SessionFeatureUsed, "it looks at the plan of a prepared statement")
@pytest.mark.parametrize("name", LISTS_BY_PATHS)
@pytest.mark.parametrize("planner", READ_MAX)
async def test_a_page_costs_what_it_shows(seeded: Database, name: str, planner: int) -> None:
    """And not what the table holds: whoever asks, and whoever it was whose question the plan was made for."""
    statement = CATALOGUE[name].statements["from the start"]
    async with seeded.transaction(PLATFORM) as tx:
        await tx.sql.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
        await become(tx, numbered(planner))
        await tx.sql.exec_driver_sql(f"PREPARE a_page AS {statement.sql}")
        await tx.sql.exec_driver_sql("EXPLAIN EXECUTE a_page(50)")
        read = {}
        for number in READ_MAX:
            await become(tx, numbered(number))
            ran = await tx.sql.exec_driver_sql("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE a_page(50)")
            read[number] = pages_read(orjson.loads(ran.scalar_one())[0]["Plan"], "bookings")
        await tx.sql.exec_driver_sql("DEALLOCATE a_page")
    assert {number: pages for number, pages in read.items() if pages > READ_MAX[number]} == {}


@pytest.mark.parametrize("name", LISTS_BY_PATHS)
@pytest.mark.parametrize("when", ["from the start", "after a cursor"])
@pytest.mark.parametrize("status", [None, "open", "draft", "delivered", "cancelled"])
async def test_a_page_costs_what_it_shows_where_it_brings_its_tenant(
    seeded: Database, name: str, when: str, status: str | None
) -> None:
    """The statement as it is run in a kept session, planned while there is no tenant yet. A company's past of another
    status is not walked, and nobody has one that is cancelled."""
    statement = CATALOGUE[name].statements[f"{when}, by status" if status else when]
    given = statement.arguments({each: {**GIVEN, "status": status}[each] for each in statement.names})
    read = {}
    async with seeded.transactions.checkout() as checkout:
        for number in READ_MAX:
            parameters = Signer(seeded.tenancy, is_needed=False).parameters_of(numbered(number), None)
            sql, arguments = seeded.statements.entered(statement.sql, given, None, parameters)
            if not read:
                await checkout.driver.execute(f"PREPARE a_page AS {sql}")
            called = ", ".join(f"'{argument}'" for argument in arguments)
            row = await checkout.driver.fetchrow(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE a_page({called})")
            read[number] = pages_read(orjson.loads(row[0])[0]["Plan"], "bookings")
    assert {number: pages for number, pages in read.items() if pages > READ_MAX[number]} == {}
    assert read[1] > 0
    assert status != "cancelled" or max(read.values()) < 30


GIVEN: dict[str, Any] = {
    "limit": 50,
    "after": UUID("0000000b-0000-7000-9000-000000002710"),
    "status": "open",
    "booking_id": UUID("0000000b-0000-7000-9000-000000000001"),
    "account_id": UUID("0000000d-0000-7000-9000-000000000001"),
    "transfer_id": UUID("0000000e-0000-7000-9000-000000000001"),
}


@EACH
async def test_a_document_says_the_same_in_a_transaction_and_without(seeded: Database, name: str) -> None:
    """Bringing its tenant with it, it shows each company what it shows inside of a transaction of that company."""
    shown = set()
    for when, statement in CATALOGUE[name].statements.items():
        if "platform" in when:  # a tenant never asks it
            continue
        given = statement.arguments({each: GIVEN[each] for each in statement.names})
        for number in READ_MAX:
            async with Reading(seeded.environment, numbered(number), seeded.transactions) as unit:
                alone = await unit.first(statement.sql, given)
            async with seeded.transaction(numbered(number)) as tx:
                inside = await tx.first(statement.sql, given)
            assert (alone and alone[0]) == (inside and inside[0])
            shown.add(inside and inside[0])
    assert len(shown) > 1


def numbered(number: int) -> CompanyScope:
    """A company of the seed, or one that has nothing yet."""
    return CompanyScope(UUID(f"0000000a-0000-7000-9000-{number:012x}"), "shipper" if number % 2 else "carrier")


def pages_read(node: dict[str, Any], table: str) -> int:
    """How many of a table's pages the scans of a plan read; those of its indexes too."""
    own = node["Shared Hit Blocks"] + node["Shared Read Blocks"] if node.get("Relation Name") == table else 0
    return own + sum(pages_read(child, table) for child in node.get("Plans", []))


async def test_a_scan_is_found_out(seeded: Database) -> None:
    """The rule above fails where it should: for a list in an order that no index has."""
    entries = CATALOGUE["ledger.entries"]
    assert isinstance(entries, Listing)
    unordered = Listing(
        entries.schema,
        entries.source,
        {**entries.fields, "amount": entries.fields["balance_after"]},
        order_by=entries.source.balance_after_minor,  # type: ignore[union-attr]
        under=entries.under,
        tables=entries.tables,
    )
    async with seeded.transaction(PLATFORM) as unit:
        plans = [await plan(unit.sql, statement) for statement in unordered.statements.values()]
    assert all("ledger_entries" in set(scans(each["Plan"])) for each in plans)


@pytest.mark.parametrize(
    ("mode", "filters", "variant", "expected"),
    [
        ("auto", {}, "from the start, for the platform", (15, 5)),
        ("force_generic_plan", {"status": "draft"}, "from the start, by status, for the platform", (20, 0)),
    ],
)
async def test_a_document_keeps_one_plan(
    seeded: Database, mode: str, filters: dict[str, str], variant: str, expected: tuple[int, int]
) -> None:
    """A page is planned once in a session that is kept, and elsewhere five times and then no more: a limit that only a
    parameter says would be planned each time."""
    page = CATALOGUE["bookings.bookings"]
    assert isinstance(page, Listing)
    async with seeded.transaction(PLATFORM) as tx:
        assert await tx.sql.scalar(text("SHOW plan_cache_mode")) == "force_generic_plan"
        await tx.sql.exec_driver_sql(f"SET LOCAL plan_cache_mode = {mode}")
        for _ in range(20):
            await page.read(tx, Page(50), **filters)
        query = text("SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement = :sql")
        assert (await tx.sql.execute(query, {"sql": page.statements[variant].sql})).one() == expected
