"""The documents of the project: isolated, queries like others, and complete. Long walks through them: tests/faults."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from crossdock.documents import CannotCompile, Listing, Page, Single
from crossdock.documents.page import LIMIT_MAX
from crossdock.errors import ProgrammingError
from crossdock.guards import QueryPerRow
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.transaction import Database, Transaction
from crossdock.transaction.reading import Reading
from freight.tenancy import CompanyScope
from tests.library.documents import CATALOGUE, become, undone
from tests.library.documents_rows import add
from tests.stores.rows import PLATFORM, own_database, tenant
from tests.world import Server

pytestmark = pytest.mark.allows(QueryPerRow, "it reads page after page, and each document by itself")


@pytest.fixture(scope="module")
async def database(server: Server, template: str, registry: Registry) -> AsyncIterator[Database]:
    """An own one: what a document shows the platform is what these tests wrote."""
    async with own_database(server, template, registry, "documents") as opened:
        yield opened


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
