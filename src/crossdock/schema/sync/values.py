"""Odd values of every kind: limits, nothing, unicode, fractions of a second. Where two ORMs differ, it is here."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

from crossdock.schema.sync.kinds import DURATION, ENUM_NUMBER, ENUM_TEXT, Type

KATHMANDU = timezone(timedelta(hours=5, minutes=45))
WORDS = (
    "",
    " ",
    "ß ñ 漢字 \U0001f69a e\u0301 \u200d",
    "'; -- \" \\ % %s :name $1 {}",
    "a\nb\tc\r\n",
    "null",
    "x" * 5_000,
)
DIGITS = 28
"""Of a decimal: Tortoise rounds what has more."""
NESTED = {"": None, "a": [1, 2**53 + 1, -0.5, True, 'ß"\\'], "b": {"c": [{}, [], {"d": None}]}}

VALUES: dict[str, Sequence[Any]] = {
    "uuid": (UUID(int=0), UUID(int=2**128 - 1), UUID("0197a3c2-7d3e-7b1a-9a52-0f7c5e1d2b3a")),
    "text": WORDS,
    "character varying": WORDS,
    "smallint": (0, -1, 2**15 - 1, -(2**15)),
    "integer": (0, -1, 2**31 - 1, -(2**31)),
    "bigint": (0, -1, 2**63 - 1, -(2**63)),
    "double precision": (0.0, -1.5, 0.1 + 0.2, 5e-324, 1.7976931348623157e308, float("inf"), float("-inf")),
    "boolean": (True, False),
    "timestamp with time zone": (
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1899, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2034, 3, 26, 2, 30, 0, 1, tzinfo=KATHMANDU),
        datetime(9999, 12, 30, tzinfo=UTC),
    ),
    "date": (date(1970, 1, 1), date(2000, 2, 29), date(1, 1, 2), date(9999, 12, 30)),
    "time with time zone": (
        time(0, tzinfo=UTC),
        time(23, 59, 59, 999_999, tzinfo=UTC),
        time(12, 0, 0, 1, tzinfo=KATHMANDU),
    ),
    "bytea": (b"", bytes(range(256)), b"\\x00"),
    "jsonb": ({}, [], NESTED, [NESTED, "text", 1, 1.5, None, False]),
}
DURATIONS = (
    timedelta(),
    timedelta(microseconds=-1),
    timedelta(days=-1, microseconds=1),
    timedelta(days=36_500, seconds=1),
)


def odd_values(of: Type) -> list[Any]:
    """At least two for a type, all of which it can hold."""
    items = list(_items(of))
    return [[], items, items[:1]] if of.is_array else items


def _items(of: Type) -> Sequence[Any]:
    if of.kind in (ENUM_TEXT, ENUM_NUMBER) and of.enum is not None:
        return [*of.enum]
    if of.kind is DURATION:
        return DURATIONS
    if of.kind.sql == "numeric":
        return _decimals(*of.numbers)
    if of.kind.sql == "character varying":
        return [word[: of.numbers[0]] for word in (*WORDS, "ß" * of.numbers[0])]
    return VALUES[of.kind.sql]


def _decimals(digits: int, places: int) -> list[Decimal]:
    """The greatest, the least above zero, and some between."""
    digits = min(digits, DIGITS)
    greatest, least = Decimal(10**digits - 1).scaleb(-places), Decimal(1).scaleb(-places)
    return [Decimal(0), greatest, -greatest, least, -least]
