"""Values that are alike in Python or in JSON, and not the same: a comparison tells them apart."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

import orjson
import pytest
from asyncpg.pgproto import pgproto

from crossdock.cutover.difference import differences
from crossdock.cutover.exact import values_of
from crossdock.cutover.outcome import plain
from crossdock.ids import new_id

VALUES = (
    new_id(),
    Decimal("1.50"),
    date(2026, 7, 1),
    time(6, 30),
    datetime(2026, 7, 1, 6, 30, tzinfo=UTC),
    bytes.fromhex("00ff"),
)


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_text_is_not_the_value(value: object) -> None:
    """The text that a value is written as differs from it, and the difference says of which class it is."""
    named = plain(value, named=True)
    text = str(named)
    (difference,) = differences(named, plain(text, named=True), lambda _: False)
    assert difference.control == f"{type(value).__name__} {text}"
    assert difference.candidate == text
    assert orjson.loads(orjson.dumps(named)) == json.loads(json.dumps(named)) == text
    assert type(plain(value)) is str


def test_a_key_of_the_driver_is_a_key() -> None:
    """asyncpg has a class of its own for keys."""
    key = UUID(int=1)
    assert type(plain(pgproto.UUID(key.hex), named=True)) is type(plain(key, named=True))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12345678901234567890.1", "12345678901234567890.2"),
        ("12345678901234567890123", "12345678901234567890124"),
        ("9007199254740993", "9007199254740992"),
        ("0.1234567890123456789", "0.1234567890123456788"),
    ],
)
def test_large_numbers(one: str, other: str) -> None:
    """Two numbers of PostgreSQL that a float takes for one are two."""
    assert values_of(one) == values_of(one)
    assert values_of(one) != values_of(other)


@pytest.mark.parametrize(("text", "value"), [("1.50", 1.5), ("0.1", 0.1), ("1e3", 1000.0), ("-7", -7), ("52.0", 52.0)])
def test_other_numbers_are_numbers(text: str, value: float) -> None:
    """Also where they are written with more digits than they need."""
    found = values_of(text)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize("broken", ["NaN", "[1", b'"\xff"', "{'a': 1}"])
def test_what_is_no_json(broken: str | bytes) -> None:
    """It is refused, and so it is a mismatch."""
    with pytest.raises(ValueError):
        values_of(broken)
