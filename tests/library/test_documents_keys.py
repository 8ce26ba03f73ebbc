"""Lists whose keys are no UUIDs: whole numbers and texts, under whatever name the table's key has."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel
from sqlalchemy import BigInteger, Column, Integer, MetaData, SmallInteger, String, Table, Text, bindparam

from crossdock.documents import CannotCompile, Listing, Page, Single, decode_cursor, encode_cursor
from crossdock.documents.page import WrongCursor
from crossdock.transaction import Database
from tests.library.scene import Eyes
from tests.stores.rows import PLATFORM

LONG = "ä" * 80
"""Its cursor is longer than a line of PostgreSQL's base64."""
KEYS: dict[str, tuple[Any, type, list[Any]]] = {
    "int": (Integer, int, [-5, 0, 7, 2**31 - 1]),
    "smallint": (SmallInteger, int, [1, 2, 30_000]),
    "bigint": (BigInteger, int, [-(2**63), 3, 2**40, 2**63 - 1]),
    "text": (Text, str, ["", "a/b+c", "zoë", LONG]),
    "varchar(200)": (String(200), str, ["one", "three", "two"]),
}


class Numbered(BaseModel):
    number: int
    title: str


class Named(BaseModel):
    number: str
    title: str


class NumberedPage(BaseModel):
    items: list[Numbered]
    next_cursor: str | None


class NamedPage(BaseModel):
    items: list[Named]
    next_cursor: str | None


@pytest.fixture(params=KEYS)
async def books(request: pytest.FixtureRequest, eyes: Eyes) -> AsyncIterator[tuple[Table, type, list[Any]]]:
    """A table whose key is called `number`, and its keys in the order of the list."""
    stored, python, keys = KEYS[request.param]
    name = f"books_{list(KEYS).index(request.param)}"  # of its own: connections keep the plans of their statements
    in_order = "" if python is int else 'COLLATE "C"'
    await eyes.connection.execute(
        f"CREATE SCHEMA shelf; CREATE TABLE shelf.{name} (number {request.param} {in_order} PRIMARY KEY, title text);"
        f"GRANT USAGE ON SCHEMA shelf TO crossdock_platform; GRANT ALL ON shelf.{name} TO crossdock_platform"
    )
    rows = [(key, f"Volume {at % 2}") for at, key in enumerate(keys)]
    await eyes.connection.executemany(f"INSERT INTO shelf.{name} VALUES ($1, $2)", rows)
    columns = (Column("number", stored, primary_key=True), Column("title", Text, nullable=False))
    yield Table(name, MetaData(), *columns, schema="shelf"), python, keys
    await eyes.connection.execute("DROP SCHEMA shelf CASCADE")


async def walked(database: Database, listing: Listing, kind: Any, limit: int) -> list[Any]:
    """The numbers of every page."""
    found: list[Any] = []
    cursor: str | None = None
    while not found or cursor is not None:
        async with database.transaction(PLATFORM) as tx:
            page = json.loads((await listing.read(tx, Page(limit, decode_cursor(cursor, kind)))).body)
        found += [item["number"] for item in page["items"]]
        cursor = page["next_cursor"]
        assert cursor is None or cursor == encode_cursor(found[-1])
    return found


async def test_a_list_is_walked_by_its_key(database: Database, books: tuple[Table, type, list[Any]]) -> None:
    """Page after page, upwards, downwards and by another column; a cursor is what `encode_cursor` makes."""
    table, kind, keys = books
    page = NumberedPage if kind is int else NamedPage
    assert await walked(database, Listing(page, table, order_by=table.c.number), kind, 1) == keys
    assert await walked(database, Listing(page, table, order_by=table.c.number.desc()), kind, 2) == keys[::-1]
    by_title = Listing(page, table, order_by=(table.c.title + table.c.number.cast(Text)).collate("C"))
    assert sorted(await walked(database, by_title, kind, 1)) == keys


async def test_one_thing_by_its_key(database: Database, books: tuple[Table, type, list[Any]]) -> None:
    """`where` binds a value of the key's own type."""
    table, kind, keys = books
    one = Single(Numbered if kind is int else Named, table, where=table.c.number == bindparam("number"))
    async with database.transaction(PLATFORM) as tx:
        found = await one.read(tx, number=keys[-1])
    assert found is not None
    assert json.loads(found.body)["number"] == keys[-1]


async def test_a_cursor_of_another_type_is_refused(database: Database) -> None:
    """As one that the list never gave out, and before PostgreSQL is asked."""
    table = Table(
        "books", MetaData(), Column("number", Integer, primary_key=True), Column("title", Text, nullable=False)
    )
    async with database.transaction(PLATFORM) as tx:
        for other in (UUID(int=1), "text"):
            with pytest.raises(WrongCursor):
                await Listing(NumberedPage, table, order_by=table.c.number).read(tx, Page(10, other))


@pytest.mark.parametrize("text", ["AAAA", "%%%", encode_cursor(UUID(int=1)), encode_cursor(""), "ü"])
def test_what_is_no_whole_number_is_no_cursor(text: str) -> None:
    """Of a list whose keys are whole numbers."""
    with pytest.raises(WrongCursor):
        decode_cursor(text, int)
    assert decode_cursor(encode_cursor(-3), int) == -3


def test_a_key_that_no_cursor_can_hold() -> None:
    """Several columns, or a type that is none of a key, are refused when the service starts."""
    pair = Table(
        "pairs", MetaData(), Column("number", Integer, primary_key=True), Column("title", Text, primary_key=True)
    )
    with pytest.raises(CannotCompile, match="no key of one column"):
        _ = Listing(NumberedPage, pair, order_by=pair.c.number).compiled
