"""Values in types that JSON knows, so that no two of them look alike."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, NoReturn
from uuid import UUID

INT_MIN, INT_MAX = -(2**63), 2**64 - 1
"""What orjson writes as a number. Integers beyond it are compared, and kept, as their text."""


class Said(str):
    """The text of a value that is none: of its class, so that a key is another value than the text of it."""

    __slots__ = ()

    @property
    def in_full(self) -> str:
        """As a mismatch shows it, where a text of the same letters stands beside it."""
        return f"{type(self).__name__} {self}"


_CLASSES = {
    kind: type(kind.__name__, (Said,), {"__slots__": ()}) for kind in (datetime, date, time, Decimal, UUID, bytes)
}
"""In this order: a datetime is a date."""


def said(value: Any) -> Said | None:
    """The text of a value; None where it is of another class."""
    for kind, class_of in _CLASSES.items():
        if isinstance(value, kind):
            found: Said = class_of(_text(value))
            return found
    return None


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        # A time without a zone is another value than the same time in UTC, and is written otherwise.
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    return value.hex() if isinstance(value, bytes) else str(value)


def in_full(value: Any) -> Any:
    """What of it is shown where two values of different classes stand beside each other."""
    return value.in_full if isinstance(value, Said) else value


def values_of(text: bytes | str) -> Any:
    """Of JSON. A number that a float does not hold is its text: two amounts of twenty digits may differ in the last."""
    return json.loads(text, parse_float=_number, parse_int=_integer, parse_constant=_refuse)


def _number(text: str) -> float | str:
    value = float(text)
    return value if Decimal(repr(value)) == Decimal(text) else text


def _integer(text: str) -> int | str:
    value = int(text)
    return value if INT_MIN <= value <= INT_MAX else text


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")
