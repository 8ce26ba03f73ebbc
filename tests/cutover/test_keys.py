"""Keys that PostgreSQL makes: each store is given others, and that is no difference."""

from typing import Any

import pytest

from crossdock.cutover import triggers
from crossdock.cutover.comparison import Call, found
from crossdock.cutover.keys import Keys, Made, read_keys
from crossdock.cutover.rules import Ignore, Moving
from crossdock.cutover.trial import undone
from crossdock.driver.connection import connect
from crossdock.registry import Orm
from crossdock.stages import ModuleState
from crossdock.transaction import Database, Transaction
from crossdock.transaction.stores import Choice
from freight.modules.bookings.store import BookingStore
from tests.stores.rows import PLATFORM

TABLES = """
CREATE TABLE orders (id serial PRIMARY KEY, token uuid NOT NULL DEFAULT gen_random_uuid(), title text NOT NULL);
CREATE TABLE lines (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), order_id int REFERENCES orders, n int NOT NULL);
INSERT INTO orders (title) VALUES ('there before');
GRANT ALL ON orders, lines, orders_id_seq TO crossdock_platform;
"""
CALL = Call(
    Choice(BookingStore, ModuleState("bookings", control=Orm.TORTOISE), Orm.TORTOISE, Orm.SQLALCHEMY),
    PLATFORM,
    "add",
    ("three of these", 2),
    {},
)
IGNORED = (Ignore("add", "rows.orders.*.new.token", "a default that is another each time"),)
KEYS = Keys({"orders": ["id"], "lines": ["id"]}, {"lines": {"order_id": "orders"}})


class Orders:
    """A store whose keys PostgreSQL makes. `to` is the order that its lines refer to, where it is not the new one."""

    def __init__(self, tx: Transaction, to: int | None = None) -> None:
        self._tx = tx
        self._to = to

    async def add(self, title: str, lines: int) -> dict[str, Any]:
        order = await self._tx.first("INSERT INTO orders (title) VALUES ($1) RETURNING id", (title,))
        to = self._to or order["id"]
        for n in range(lines):
            last = await self._tx.first("INSERT INTO lines (order_id, n) VALUES ($1, $2) RETURNING id", (to, n))
        return {"id": order["id"], "last_line": last["id"], "n": lines}


class OnlyTheKey(Orders):
    """It answers with the number alone."""

    async def add(self, title: str, lines: int) -> Any:
        return (await super().add(title, lines))["id"]


@pytest.fixture
async def ordered(moved: Database) -> Database:
    """With two tables of serial keys, whose rows are noted."""
    connection = await connect(moved.settings.direct)
    await connection.execute(TABLES)
    await triggers.make(connection, ["orders", "lines"])
    await connection.close()
    return moved


async def test_made_keys_are_no_difference(ordered: Database) -> None:
    """Nor what refers to them. What refers to another row is one."""
    async with ordered.transaction(PLATFORM) as tx:
        keys = await read_keys(tx)
        one, other, wrong = [await undone(tx, keys, CALL, Orders(tx, to)) for to in (None, None, 1)]
    ignored = Moving(IGNORED)
    assert one.value["id"] != other.value["id"]
    assert found(ignored, CALL, one, other) == ()
    assert [each.path for each in found(ignored, CALL, one, wrong)] == [
        "rows.lines.(made 1).new.order_id",
        "rows.lines.(made 2).new.order_id",
    ]


async def test_an_answer_that_is_a_made_key(ordered: Database) -> None:
    """A number alone is a key where it is that of a row that was made."""
    async with ordered.transaction(PLATFORM) as tx:
        keys = await read_keys(tx)
        one, other = [await undone(tx, keys, CALL, OnlyTheKey(tx)) for _ in range(2)]
    assert one.value != other.value
    assert one.plain["returned"] == "(made)"
    assert found(Moving(IGNORED), CALL, one, other) == ()


def test_a_key_that_was_given_is_itself() -> None:
    """It says which row is meant."""
    made = Made(KEYS, [{"id": 7, "title": "7", "of": "a text"}])
    notes = [
        {"table": "orders", "old": None, "new": {"id": 7}},
        {"table": "orders", "old": None, "new": {"id": 8}},
        {"table": "lines", "old": None, "new": {"id": "a text", "order_id": 8}},
        {"table": "lines", "old": {"id": "else", "order_id": 7}, "new": {"id": "else", "order_id": 8}},
    ]
    assert [(note["old"], note["new"]) for note in made.rows(notes)] == [
        (None, {"id": 7}),
        (None, {"id": "(made 1)"}),
        (None, {"id": "a text", "order_id": "(made 1)"}),
        ({"id": "else", "order_id": 7}, {"id": "else", "order_id": "(made 1)"}),
    ]
    assert made.answer({"id": 8, "order_id": 8, "weight": 8, "of": [7, True]}) == {
        "id": "(made)",
        "order_id": "(made)",
        "weight": 8,
        "of": [7, True],
    }
    assert made.answer(8) == "(made)"
