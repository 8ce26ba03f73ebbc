"""Types of SQLAlchemy for what Tortoise keeps in its own way: durations, and enumerations by their values."""

from collections.abc import Iterable
from datetime import timedelta
from enum import Enum, IntEnum
from typing import Any

from sqlalchemy import BigInteger, Dialect, SmallInteger, TypeDecorator
from sqlalchemy import Enum as EnumType

MICROSECOND = timedelta(microseconds=1)


class Microseconds(TypeDecorator[timedelta]):
    """A duration as a bigint of microseconds: Tortoise's TimeDeltaField."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        return None if value is None else value // MICROSECOND

    def process_result_value(self, value: Any, dialect: Dialect) -> timedelta | None:
        return None if value is None else timedelta(microseconds=value)


class EnumNumber(TypeDecorator[IntEnum]):
    """An enumeration of whole numbers as a smallint: Tortoise's IntEnumField."""

    impl = SmallInteger
    cache_ok = True

    def __init__(self, enum: type[IntEnum]) -> None:
        super().__init__()
        self.enum = enum

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        return None if value is None else int(self.enum(value))

    def process_result_value(self, value: Any, dialect: Dialect) -> IntEnum | None:
        return None if value is None else self.enum(value)


def enum_text(enum: type[Enum], length: int) -> EnumType:
    """An enumeration as a varchar of its values: Tortoise's CharEnumField. SQLAlchemy alone would keep the names."""
    return EnumType(enum, native_enum=False, length=length, values_callable=_values)


def enum_comment(enum: Iterable[Enum]) -> str:
    """The comment that Tortoise gives to a column with an enumeration: a line for each member."""
    return "\n".join(f"{member.name}: {member.value}" for member in enum)[:2048]


def _values(enum: Iterable[Enum]) -> list[str]:
    return [str(member.value) for member in enum]
