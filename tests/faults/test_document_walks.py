"""Long random walks through every document: its bytes are its schema's own, and its lists are complete."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crossdock.documents import Listing, Page, Single, decode_cursor
from crossdock.guards import QueryPerRow
from crossdock.ids import new_id
from crossdock.registry import Registry
from crossdock.transaction import Database, Transaction
from freight.modules.bookings.store import BookingStatus
from freight.tenancy import CompanyScope
from tests.library.documents import CATALOGUE, become, items, meaning, single, undone
from tests.library.documents_rows import Written
from tests.stores.rows import own_database
from tests.world import Server

pytestmark = pytest.mark.allows(QueryPerRow, "it reads page after page, and each document by itself")


@pytest.fixture(scope="module")
async def database(server: Server, template: str, registry: Registry) -> AsyncIterator[Database]:
    """An own one: what a document shows the platform is what these tests wrote."""
    async with own_database(server, template, registry, "walks") as opened:
        yield opened


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


@pytest.mark.parametrize("name", CATALOGUE)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_a_document_is_what_its_schema_would_be(database: Database, name: str, data: st.DataObject) -> None:
    """Random rows, asked for in every way: the same as Pydantic's, and of a list every row once, in its order."""
    document = CATALOGUE[name]
    async with undone(database) as tx:
        written = Written(tx, data.draw)
        await written.write()
        for way in ways(document, written.keys):
            if isinstance(document, Single):
                found, wanted = await document.read(tx, **way), await single(tx, document, way)
                assert (found is None) == (wanted is None)
                if found is not None and wanted is not None:
                    assert meaning(found.body) == meaning(wanted.model_dump_json())
            else:
                await check_list(tx, document, way, data.draw(st.integers(1, 4)))


async def check_list(tx: Transaction, document: Listing, way: dict[str, Any], limit: int) -> None:
    pages = await walked(tx, document, way, limit)
    shown = [meaning(item.model_dump_json()) for item in await items(tx, document, way)]
    if pages is None:
        assert shown == [] and document.under is not None
        return
    parsed = [document.schema.model_validate_json(page) for page in pages]
    assert [meaning(item.model_dump_json()) for page in parsed for item in page.items] == shown  # type: ignore[attr-defined]
    assert [meaning(page.model_dump_json()) for page in parsed] == [meaning(page) for page in pages]
    assert all(len(page.items) == limit for page in parsed[:-1])  # type: ignore[attr-defined]


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
