"""Rows that a statement is given as parameters, which PostgreSQL reads as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, FromClause, String, Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import Insert, insert


class Given:
    """`wanted = Given("wanted", Account.kind, Account.currency)`: one statement, whatever the number of rows.

    `table` and its columns `c` are used like any other table; `name` keeps two of them in one statement apart. A column
    is an array; where it is known that there is one row, `one` spares making and reading them.
    """

    def __init__(self, name: str, *columns: Any, one: bool = False) -> None:
        # Text, not the column's varchar(n): an explicit cast would cut what is too long, where the column refuses it.
        kinds = {column.name: Text() if isinstance(column.type, String) else column.type for column in columns}
        # SQLAlchemy keeps the columns' own names for itself in a write, so the parameters' names differ.
        self._parameters = {column: f"{name}_{column}" for column in kinds}
        self._one = one
        given = [
            bindparam(self._parameters[column], type_=kind if one else ARRAY(kind)) for column, kind in kinds.items()
        ]
        self.table: FromClause
        if one:
            self.table = select(*(each.label(column) for each, column in zip(given, kinds, strict=True))).subquery(name)
        else:
            self.table = func.unnest(*given).table_valued(*kinds, name=name).render_derived()
        self.c = self.table.c

    def parameters(self, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The rows, by column name, as the statement's parameters. None are no rows."""
        if self._one:
            (row,) = rows
            return {parameter: row[column] for column, parameter in self._parameters.items()}
        return {parameter: [row[column] for row in rows] for column, parameter in self._parameters.items()}

    @classmethod
    def of(cls, model: Any, *, one: bool = False) -> "Given":
        """Rows that have all columns of a table, or of a mapped class."""
        table = getattr(model, "__table__", model)
        return cls(table.name, *table.columns, one=one)

    def inserted(self, table: Any, *conditions: ColumnElement[bool]) -> Insert:
        """The statement that inserts the rows into a table, or that of a mapped class. A column that they lack stays
        null."""
        rows = select(self.table).where(*conditions)
        return insert(table).from_select([column.name for column in self.c], rows)


def columns(row: Any) -> dict[str, Any]:
    """A frozen row, a dataclass whose fields are columns, by their names. Not `asdict`, which copies what is in it."""
    return {field.name: getattr(row, field.name) for field in fields(row)}
