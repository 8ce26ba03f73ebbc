"""How PostgreSQL writes one value as Pydantic would, but for the spelling of a double: a rule for each type of field.

A rule makes text that is JSON already. `concat` puts it together: of json_build_object, row_to_json and concat it is
the fastest for a page, and alike for one row (docs/documents.md has the figures).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum as PythonEnum
from typing import Any
from uuid import UUID

from pydantic import ConfigDict
from sqlalchemy import (
    ARRAY,
    JSON,
    REAL,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Double,
    Enum,
    Float,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Text,
    Uuid,
    case,
    cast,
    func,
    literal_column,
)
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine

from crossdock.documents.annotations import JSON_LIKE, Kind

Expression = ColumnElement[Any]

SCALE_MAX = 6
"""Digits after the point. From the seventh on Python writes a small Decimal with an exponent."""
PLAIN_LISTS = (str, int, bool, UUID, date)
"""What `array_to_json` writes as Pydantic does."""


class NoRule(Exception):
    """Why a column cannot be written as the schema's field; the caller adds which field it is."""


@dataclass(frozen=True, slots=True)
class Written:
    """`text` is JSON, or what stands between the quotes of it. It is NULL where the value is."""

    text: Expression
    quoted: bool = False
    is_text: bool = True
    """False where PostgreSQL's own type is left to `concat`, which is faster than a cast."""
    is_same_json: bool = False
    """Whether `to_json` makes the same of it."""

    @property
    def pieces(self) -> list[str | Expression]:
        return ['"', self.text, '"'] if self.quoted else [self.text]

    @property
    def or_null(self) -> Expression:
        """The same as one expression, JSON's null where the value is NULL."""
        if self.is_same_json:  # one function less than a cast, and three less than the quotes
            return func.coalesce(func.to_json(self.text), word("null"))
        text = self.text if self.is_text else cast(self.text, Text)
        whole = word('"').concat(text).concat(word('"')) if self.quoted else text
        return func.coalesce(whole, word("null"))


def word(text: str) -> ColumnElement[str]:
    """A text as a constant of the statement, not as a parameter."""
    return literal_column("'" + text.replace("'", "''") + "'", Text)


def write(kind: Kind, column: Expression, config: ConfigDict) -> Written:
    """Raises NoRule, with a reason for people."""
    stored = column.type
    if isinstance(stored, NullType):
        raise NoRule("its expression has no type: cast it")
    if isinstance(stored, TypeDecorator):
        raise NoRule(f"{type(stored).__name__} is decoded in Python, which PostgreSQL cannot do")
    if kind.is_list_of is not None and isinstance(stored, ARRAY):
        return _array(kind, column)
    if isinstance(stored, JSON):
        return _json(kind, column)
    for python, columns, rule in RULES:
        if issubclass(kind.python, python):
            if not isinstance(stored, columns):
                raise NoRule(f"the schema says {kind}, the column is {stored!r}")
            return rule(kind, column, config)
    raise NoRule(f"there is no rule for {kind}")


def _text(kind: Kind, column: Expression, config: ConfigDict) -> Written:
    return Written(func.to_json(column))


def _whole(kind: Kind, column: Expression, config: ConfigDict) -> Written:
    return Written(column, is_text=False, is_same_json=True)


def _boolean(kind: Kind, column: Expression, config: ConfigDict) -> Written:
    return Written(cast(column, Text))  # alone, `concat` would write t and f


def _uuid(kind: Kind, column: Expression, config: ConfigDict) -> Written:
    return Written(column, quoted=True, is_text=False, is_same_json=True)


def _decimal(kind: Kind, column: Expression, config: ConfigDict) -> Written:
    scale = getattr(column.type, "scale", None)
    if scale is None or scale > SCALE_MAX:
        raise NoRule(f"a Decimal needs a column of at most {SCALE_MAX} digits after the point, the column has {scale}")
    return Written(column, quoted=True, is_text=False)


def _enum(kind: Kind, column: Expression, config: ConfigDict) -> Written:
    values = [member.value for member in kind.python]
    if all(isinstance(value, int) for value in values):
        _need(column, Integer, kind)
        return Written(column, is_text=False)
    if not all(isinstance(value, str) for value in values):
        raise NoRule(f"the values of {kind} are neither all texts nor all whole numbers")
    _need(column, String, kind)
    if isinstance(column.type, Enum) and set(column.type.enums) - set(values):
        raise NoRule(f"the column keeps {', '.join(column.type.enums)}, and the values of {kind} are others")
    return Written(func.to_json(column))


def _need(column: Expression, wanted: type[TypeEngine[Any]], kind: Kind) -> None:
    if not isinstance(column.type, wanted):
        raise NoRule(f"the schema says {kind}, the column is {column.type!r}")


def _datetime(kind: Kind, column: Expression, config: ConfigDict) -> Written:
    """To the microsecond, and a whole second without; in UTC whatever the connection's zone."""
    zoned = getattr(column.type, "timezone", False)
    at = func.timezone(word("UTC"), column) if zoned else column
    pattern = 'YYYY-MM-DD"T"HH24:MI:SS.US' + ('"Z"' if zoned else "")
    return Written(func.replace(func.to_char(at, word(pattern)), word(".000000"), word("")), quoted=True)


def _date(kind: Kind, column: Expression, config: ConfigDict) -> Written:
    """ISO 8601, which a cast to text is only where DateStyle says so. asyncpg takes Python's first and last day for
    the infinities, and back."""
    first, last = (cast(word(day.isoformat()), Date) for day in (date.min, date.max))
    within = func.least(func.greatest(column, first), last)
    return Written(func.to_json(case((column.is_not(None), within))))  # without CASE, NULL would be the first day


def _bytes(kind: Kind, column: Expression, config: ConfigDict) -> Written:
    match config.get("ser_json_bytes", "utf8"):
        case "utf8":
            return Written(func.to_json(func.convert_from(column, word("UTF8"))))
        case "hex":
            return Written(func.encode(column, word("hex")), quoted=True)
    lines = func.encode(column, word("base64"))
    return Written(func.translate(lines, word("+/\n"), word("-_")), quoted=True)


def _float(kind: Kind, column: Expression, config: ConfigDict) -> Written:
    """PostgreSQL's shortest text for a double: Pydantic's digits, where the spelling may differ (`51` for `51.0`).

    The spelling is not mended. PostgreSQL prepares every function of a statement anew for each execution, whether it
    will be called or not: what it took was a third of the work on a document of four doubles (ADR 0050).
    """
    if config.get("ser_json_inf_nan", "null") != "null":
        raise NoRule("ser_json_inf_nan is not null")
    if isinstance(column.type, REAL):
        raise NoRule("a column of single precision has other digits than the float that Python makes of it")
    # NaN too, which PostgreSQL takes for the largest. NULL is not below, so it comes out as null as well.
    is_number = func.abs(column) < cast(word("Infinity"), Double)
    return Written(case((is_number, cast(column, Text)), else_=word("null")))


def _array(kind: Kind, column: Expression) -> Written:
    assert kind.is_list_of is not None
    inner: Any = column.type
    if kind.is_list_of not in PLAIN_LISTS or inner.dimensions not in (None, 1):
        raise NoRule(f"there is no rule for {kind} from an array")
    return Written(func.array_to_json(column))


def _json(kind: Kind, column: Expression) -> Written:
    if not kind.is_json:
        raise NoRule(
            f"the column is JSON, which is written as it is: the schema says {kind}, and not one of {JSON_LIKE}"
        )
    return Written(cast(column, Text))


Rule = Callable[[Kind, Expression, ConfigDict], Written]
Columns = type[TypeEngine[Any]] | tuple[type[TypeEngine[Any]], ...]
RULES: tuple[tuple[type, Columns, Rule], ...] = (
    (PythonEnum, (String, Integer), _enum),
    (bool, Boolean, _boolean),
    (int, Integer, _whole),
    (str, String, _text),
    (UUID, Uuid, _uuid),
    (datetime, DateTime, _datetime),
    (date, Date, _date),
    (Decimal, Numeric, _decimal),
    (float, (Double, Float), _float),
    (bytes, LargeBinary, _bytes),
)
"""Python type → the columns that it may come from, and how these are written. The first that fits counts."""
