"""The kinds of values that both ORMs can keep alike: the type in PostgreSQL, and how each ORM writes it."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any
from uuid import UUID

from crossdock.errors import ConfigurationError

POSTGRES_FIELDS = "tortoise.contrib.postgres.fields"
SPELLED = re.compile(r"(?P<base>[a-z ]+?)(\((?P<numbers>\d+(,\d+)?)\))?(?P<rest> [a-z ]+)?(?P<array>\[\])?")
"""As `format_type` spells a type: `character varying(20)`, `time with time zone`, `integer[]`."""


class UnknownType(ConfigurationError):
    """A field has a type that cannot be written in the other ORM."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`sql` is PostgreSQL's type without its numbers; `python` the type of a value. `sqlalchemy` and `tortoise` are the
    names of the type and of the field, `arguments` and `keywords` what stands in the parentheses of each: `{0}` and
    `{1}` are the numbers of the type."""

    sql: str
    python: Any
    sqlalchemy: str
    tortoise: str
    arguments: str = ""
    keywords: str = ""
    numbers: int = 0
    """How many numbers the type must have."""


KINDS = (
    Kind("uuid", UUID, "Uuid", "UUIDField"),
    Kind("text", str, "Text", "TextField"),
    Kind("character varying", str, "String", "CharField", "{0}", "max_length={0}", 1),
    Kind("smallint", int, "SmallInteger", "SmallIntField"),
    Kind("integer", int, "Integer", "IntField"),
    Kind("bigint", int, "BigInteger", "BigIntField"),
    Kind("double precision", float, "Double", "FloatField"),
    Kind("numeric", Decimal, "Numeric", "DecimalField", "{0}, {1}", "max_digits={0}, decimal_places={1}", 2),
    Kind("boolean", bool, "Boolean", "BooleanField"),
    Kind("timestamp with time zone", datetime, "DateTime", "DatetimeField", "timezone=True"),
    Kind("date", date, "Date", "DateField"),
    Kind("time with time zone", time, "Time", "TimeField", "timezone=True"),
    Kind("bytea", bytes, "LargeBinary", "BinaryField"),
    Kind("jsonb", Any, "JSONB", "JSONField", "none_as_null=True"),
)
"""What PostgreSQL's type alone says."""

DURATION = Kind("bigint", timedelta, "Microseconds", "TimeDeltaField")
ENUM_TEXT = Kind("character varying", Enum, "enum_text", "CharEnumField", "{0}", "max_length={0}", 1)
ENUM_NUMBER = Kind("smallint", IntEnum, "EnumNumber", "IntEnumField")
"""What only a model says: PostgreSQL keeps a plain type."""

BY_FIELD = {kind.tortoise: kind for kind in (*KINDS, DURATION, ENUM_TEXT, ENUM_NUMBER)}
BY_SQL = {kind.sql: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Type:
    """The type of a column. `numbers` are its length, or its digits and places; `enum` the class of its values."""

    kind: Kind
    numbers: tuple[int, ...] = ()
    is_array: bool = False
    enum: type[Enum] | None = None

    @property
    def python(self) -> Any:
        """The type of a value, of an array that of its items."""
        return self.enum or self.kind.python


def type_of(sql: str, where: str, kind: Kind | None = None, enum: type[Enum] | None = None) -> Type:
    """Of a type as PostgreSQL spells it. `kind` is what a model says of it; raises UnknownType where the two differ, or
    where there is no such kind. `where` names the field: `things.Thing.place: PointField`."""
    found = SPELLED.fullmatch(sql)
    base = f"{found['base']}{found['rest'] or ''}" if found else sql
    known = kind or BY_SQL.get(base)
    numbers = tuple(map(int, found["numbers"].split(","))) if found and found["numbers"] else ()
    if found is None or known is None or known.sql != base or len(numbers) != known.numbers:
        raise UnknownType(
            f"{where} is {sql} in PostgreSQL, which cannot be written in both ORMs. Give the column a type of the list"
            " in docs/moving-a-module.md, or write both models of its table by hand."
        )
    return Type(known, numbers, bool(found["array"]), enum)
