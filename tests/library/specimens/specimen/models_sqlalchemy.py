"""The same table as SQLAlchemy sees it, in a metadata of its own, so that no migration tool takes it for ours."""

from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Double,
    Enum,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    Time,
    TypeDecorator,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from tests.library.specimens.specimen.states import Level, State


class Microseconds(TypeDecorator[timedelta]):
    """A duration as Tortoise keeps it: a bigint of microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> Any:
        return None if value is None else value // timedelta(microseconds=1)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> timedelta | None:
        return None if value is None else timedelta(microseconds=value)


class LevelNumber(TypeDecorator[Level]):
    """An enumeration of numbers as Tortoise keeps it: a smallint."""

    impl = SmallInteger
    cache_ok = True

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Level | None:
        return None if value is None else Level(value)


SPECIMENS = Table(
    "specimens",
    MetaData(schema="scratch"),
    Column("id", Uuid, primary_key=True),
    Column("key", Uuid),
    Column("words", Text),
    Column("word", String(100)),
    Column("small", SmallInteger),
    Column("whole", Integer),
    Column("big", BigInteger),
    Column("ratio", Double),
    Column("price", Numeric(30, 6)),
    Column("flag", Boolean),
    Column("at", DateTime(timezone=True)),
    Column("day", Date),
    Column("hour", Time(timezone=True)),
    Column("lasts", Microseconds),
    Column("blob", LargeBinary),
    Column("state", Enum(State, native_enum=False, length=20, values_callable=list)),
    Column("level", LevelNumber),
    Column("document", JSONB(none_as_null=True)),
)
