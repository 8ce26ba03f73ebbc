"""What a field of a document is made of, where it is not simply the attribute of the same name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, FromClause, SQLColumnExpression
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm.util import AliasedClass

Source: TypeAlias = type[DeclarativeBase] | AliasedClass[Any] | FromClause
"""What has the columns: a mapped class, an alias of one, or what a module publishes of its table."""


@dataclass(frozen=True, slots=True)
class Part:
    """An object made of the same row's columns. `condition` says whether it is there, for a field that may be null."""

    fields: "Fields"
    condition: ColumnElement[bool] | None = None

    def when(self, condition: ColumnElement[bool]) -> "Part":
        """The same, null wherever the condition does not hold."""
        return replace(self, condition=condition)


@dataclass(frozen=True, slots=True)
class Row:
    """An object made of the one row that is joined to this one."""

    of: Source
    on: ColumnElement[bool]
    fields: "Fields"


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of objects, one for each of the rows that hang on this one; at most `limit`."""

    of: Source
    on: ColumnElement[bool]
    order_by: SQLColumnExpression[Any]
    limit: int
    fields: "Fields"


Field: TypeAlias = SQLColumnExpression[Any] | Part | Row | Rows
Fields: TypeAlias = Mapping[str, Field]
"""Field of the schema → what it is made of. A field that is left out is the attribute of the same name."""


def part(**fields: Field) -> Part:
    """A nested object of the same row: `invoice=part(address=Order.invoice_address, ...)`."""
    return Part(fields)


def money(amount_minor: SQLColumnExpression[Any], currency: SQLColumnExpression[Any]) -> Part:
    """`{"amount_minor": ..., "currency": ...}`; in a field that may be null, null where there is no amount."""
    return Part({"amount_minor": amount_minor, "currency": currency}, amount_minor.is_not(None))


def row(of: Source, *, on: ColumnElement[bool], fields: Fields | None = None) -> Row:
    """A nested object of another row, by a key that finds at most one: a book's publisher.

    A field that may be null is null where there is no such row that the tenant may see. One that may not be is joined
    inner: the schema's word that it is there is kept by showing nothing without it.
    """
    return Row(of, on, fields or {})


def rows(
    of: Source,
    *,
    on: ColumnElement[bool],
    order_by: SQLColumnExpression[Any],
    limit: int,
    fields: Fields | None = None,
) -> Rows:
    """A nested list: a book's authors. `on` says which rows hang on this one, and may leave out some of them."""
    return Rows(of, on, order_by, limit, fields or {})
