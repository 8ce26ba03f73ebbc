"""What a module shows of its table to the documents of others: a few columns, to read."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import UnionType
from typing import Any, get_args, get_origin
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from crossdock.errors import ProgrammingError
from crossdock.models.foreign import FOREIGN

COLUMN_TYPES: dict[type, Any] = {
    UUID: Uuid(),
    str: Text(),
    bool: Boolean(),
    int: BigInteger(),
    float: Double(),
    Decimal: Numeric(38, 6),
    datetime: DateTime(timezone=True),
    date: Date(),
    bytes: LargeBinary(),
    dict: JSONB(),
    list: JSONB(),
}


def published(table: str, **columns: Any) -> Table:
    """Columns by name and Python type (`name=str`, `publisher_id=UUID | None`), `id` among them.

    It is the owner's promise: it holds whichever ORM has the table's truth, and row level security holds for it as for
    any query. A column of JSON is a `dict` or a `list`. Raises ProgrammingError for a type that is not known.
    """
    shown = (_column(name, kind) for name, kind in columns.items())
    # A MetaData of its own: no migration tool takes it for a table of its own, and another file may publish the same
    # table with other columns. FOREIGN: in a file of models it is no table of that file's.
    return Table(table, MetaData(), *shown, info={FOREIGN: True})


def _column(name: str, kind: Any) -> Column[Any]:
    nullable = isinstance(kind, UnionType) and type(None) in get_args(kind)
    python = next(each for each in get_args(kind) if each is not type(None)) if nullable else kind
    return Column(name, _stored(name, get_origin(python) or python), primary_key=name == "id", nullable=nullable)


def _stored(name: str, python: Any) -> Any:
    if isinstance(python, type) and issubclass(python, Enum):
        return Text()
    if python not in COLUMN_TYPES:
        known = ", ".join(each.__name__ for each in COLUMN_TYPES)
        raise ProgrammingError(f"{name} is published as {python}. There are {known}, an Enum, and None with each.")
    return COLUMN_TYPES[python]
