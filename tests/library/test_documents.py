"""Every document of the project: the same bytes as its schema's own, complete page by page, isolated."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from crossdock.documents import CannotCompile, Listing, Page, Single, decode_cursor
from crossdock.documents.catalogue import catalogue
from crossdock.documents.page import LIMIT_MAX
from crossdock.errors import ProgrammingError
from crossdock.guards import QueryPerRow
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.transaction import Database, Transaction
from crossdock.transaction.reading import Reading
from freight.modules.bookings.store import BookingStatus
from freight.tenancy import CompanyScope
from tests.application import FREIGHT
from tests.library.documents import become, items, single
from tests.library.documents_rows import Written, add
from tests.stores.rows import PLATFORM, own_database, tenant
from tests.world import Server

pytestmark = pytest.mark.allows(QueryPerRow, "it reads page after page, and each document by itself")

CATALOGUE = catalogue(Registry.discover(FREIGHT))
EACH = pytest.mark.parametrize("name", CATALOGUE)


class Undo(Exception):
    """Ends a transaction without a trace."""


@pytest.fixture(scope="module")
async def database(server: Server, template: str, registry: Registry) -> AsyncIterator[Database]:
    """An own one: what a document shows the platform is what these tests wrote."""
    async with own_database(server, template, registry, "documents") as opened:
        yield opened


@asynccontextmanager
async def undone(database: Database) -> AsyncIterator[Transaction]:
    """The platform's transaction, in a session with habits of its own; nothing stays."""
    with suppress(Undo):
        async with database.transaction(PLATFORM) as tx:
            await tx.sql.execute(text("SET LOCAL TIME ZONE 'Australia/Adelaide'"))
            await tx.sql.execute(text("SET LOCAL datestyle = 'SQL, DMY'"))
            yield tx
            raise Undo


def ways(document: Single | Listing, keys: dict[str, list[UUID]]) -> Iterator[dict[str, Any]]:
    """Each way to ask for a document: by every key that was written, and by one that was not."""
    statement = next(iter(document.statements.values()))
    asked = [name for name in statement.names if name != "limit"]
    if not asked:
        yield {}
        yield from ({"status": status} for status in BookingStatus if "status" in getattr(document, "filters", {}))
    for name in asked:
        yield from ({name: key} for key in [*keys[name], new_id()])


async def walked(tx: Transaction, document: Listing, given: dict[str, Any], limit: int) -> list[bytes] | None:
    """Every page of a list, one after the other."""
    bodies: list[bytes] = []
    cursor: str | None = None
    while not bodies or cursor is not None:
        found = await document.find(tx, Page(limit, decode_cursor(cursor)), **given)
        if found is None:
            return None
        bodies.append(found.body)
        cursor = json.loads(found.body)["next_cursor"]
    return bodies


@EACH
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_a_document_is_what_its_schema_would_be(database: Database, name: str, data: st.DataObject) -> None:
    """Random rows, asked for in every way: the same bytes as Pydantic's, and of a list every row once, in its order."""
    document = CATALOGUE[name]
    async with undone(database) as tx:
        written = Written(tx, data.draw)
        await written.write()
        for way in ways(document, written.keys):
            if isinstance(document, Single):
                found, wanted = await document.read(tx, **way), await single(tx, document, way)
                assert (None if found is None else found.body.decode()) == (wanted and wanted.model_dump_json())
            else:
                await check_list(tx, document, way, data.draw(st.integers(1, 4)))


async def check_list(tx: Transaction, document: Listing, way: dict[str, Any], limit: int) -> None:
    pages = await walked(tx, document, way, limit)
    shown = [item.model_dump_json() for item in await items(tx, document, way)]
    if pages is None:
        assert shown == [] and document.under is not None
        return
    parsed = [document.schema.model_validate_json(page) for page in pages]
    assert [item.model_dump_json() for page in parsed for item in page.items] == shown  # type: ignore[attr-defined]
    assert [page.model_dump_json().encode() for page in parsed] == pages
    assert all(len(page.items) == limit for page in parsed[:-1])  # type: ignore[attr-defined]


async def test_row_level_security_holds(database: Database) -> None:
    """A document names no company, and shows each tenant its own: of one booking the bidder sees its bid alone."""
    shipper, one, other = [await tenant(database, kind) for kind in ("shipper", "carrier", "carrier")]
    async with undone(database) as tx:
        booking = await market(tx, shipper.company_id, [one.company_id, other.company_id])
        seen = {}
        for someone in (shipper, one, other, CompanyScope(new_id(), "shipper")):
            await become(tx, someone)
            seen[someone] = await shown(tx, booking)
    bidders = {one.company_id, other.company_id}
    assert [*seen.values()] == [bidders, {one.company_id}, {other.company_id}, None]


@pytest.mark.parametrize("name", [name for name, each in CATALOGUE.items() if getattr(each, "paths", ())])
@pytest.mark.parametrize("kind", ["shipper", "carrier", "both"])
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_the_ways_of_a_list_lead_to_all_that_is_seen(
    database: Database, name: str, kind: str, data: st.DataObject
) -> None:
    """Page by page the same as the policy alone shows, to each company of either kind and to a stranger."""
    document = CATALOGUE[name]
    assert isinstance(document, Listing)
    async with undone(database) as tx:
        written = Written(tx, data.draw)
        await written.write()
        for company in [*written.keys["company_id"], new_id()]:
            await become(tx, CompanyScope(company, kind))
            for way in ways(document, written.keys):
                await check_list(tx, document, way, data.draw(st.integers(1, 4)))


async def market(tx: Transaction, shipper: UUID, carriers: list[UUID]) -> UUID:
    """An open booking, and a bid of each carrier."""
    now = datetime.now(UTC)
    stamps = {"created_at": now, "updated_at": now, "version": 1, "currency": "EUR"}
    place = {f"{end}_{part}": 1.0 for end in ("pickup", "dropoff") for part in ("lat", "lon")}
    named = {"pickup_address": "a", "dropoff_address": "b", "weight_kg": 1, "equipment": "van", "status": "open"}
    times = {"pickup_ready_at": now, "dropoff_due_at": now.replace(year=now.year + 1), "price_ceiling_minor": 9}
    booking = {"id": new_id(), "company_id": shipper, **stamps, **place, **named, **times}
    bid = {
        "booking_id": booking["id"],
        "shipper_id": shipper,
        "status": "pending",
        "amount_minor": 1,
        "pickup_eta": now,
    }
    await add(tx, "bookings", [booking])
    await add(tx, "bids", [{"id": new_id(), "company_id": carrier, **stamps, **bid} for carrier in carriers])
    return booking["id"]


async def shown(tx: Transaction, booking: UUID) -> set[UUID] | None:
    """The bidders that the tenant is shown, None where it is shown no booking; lists say the same."""
    document, page = CATALOGUE["bids.booking_with_bids"], CATALOGUE["bookings.bookings_with_shipper"]
    assert isinstance(document, Single) and isinstance(page, Listing)
    found = await document.read(tx, booking_id=booking)
    listed = {item["id"] for item in json.loads((await page.read(tx, Page())).body)["items"]}
    assert (str(booking) in listed) is (found is not None)
    return None if found is None else {UUID(bid["carrier"]["id"]) for bid in json.loads(found.body)["bids"]}


async def test_a_document_is_a_query_like_any_other(database: Database) -> None:
    """Its text reaches the driver in one call, where whoever watches the driver's queries sees it."""
    seen: list[Any] = []
    document = CATALOGUE["bookings.booking"]
    assert isinstance(document, Single)
    async with Reading(database.environment, PLATFORM, database.platform) as unit:
        driver: Any = (await unit.sql.get_raw_connection()).driver_connection
        with driver.query_logger(seen.append):
            assert await document.read(unit, booking_id=new_id()) is None
    assert [logged.query for logged in seen] == [document.compiled.sql]


async def test_wrong_use_is_told(database: Database) -> None:
    """A parameter too many or too few, and a page of more than a page may have."""
    document, page = CATALOGUE["bookings.booking"], CATALOGUE["bookings.bookings"]
    assert isinstance(document, Single) and isinstance(page, Listing)
    async with Reading(database.environment, PLATFORM, database.platform) as unit:
        with pytest.raises(ProgrammingError, match="wants booking_id, and was given other"):
            await document.read(unit, other=1)
        with pytest.raises(ProgrammingError, match="wants limit, and was given other, limit"):
            await page.read(unit, Page(), other=1)
        with pytest.raises(ProgrammingError, match="at most 200"):
            await page.read(unit, Page(LIMIT_MAX + 1))


async def test_each_module_on_sqlalchemy_has_its_documents(registry: Registry) -> None:
    """Its reads for HTTP are found where the command, the start and these tests look for them."""
    modules = {name.partition(".")[0] for name in CATALOGUE}
    assert {"ledger", "bookings"} <= modules <= set(registry.modules)
    assert issubclass(CannotCompile, ProgrammingError)
