"""Rows that a unit of work only adds: written together, in one statement."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Table, func, literal_column, select
from sqlalchemy.sql.ddl import sort_tables

from crossdock.kernel.pools.tortoise_backend import Driver
from crossdock.kernel.schema.given import Given
from crossdock.kernel.statement import Compiled, compiled
from crossdock.kernel.tenancy import Tenant, statements

Row = Mapping[str, Any]


class Appending:
    """`HISTORY = Appending(BookingHistory)`: a table that is added to, by its mapped class."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.table: Table = model.__table__
        self.one, self.many = Given.of(model, one=True), Given.of(model)


Rows = Sequence[tuple[Appending, Row]]
"""Each row has all of its table's columns."""
Parts = frozenset[tuple[Appending, Given]]


async def append(driver: Driver, rows: Rows) -> None:
    """One statement for all rows of all tables."""
    parts, values = _given(rows)
    statement = _together(parts)
    await driver.execute(statement.sql, *statement.arguments(values))


async def append_alone(driver: Driver, rows: Rows, tenant: Tenant) -> None:
    """The same, as the only statement of its transaction in a kept session: all of it is done, or nothing."""
    parts, values = _given(rows)
    statement = _together(parts, alone=True)
    text, arguments = statements.entered_to_write(statement.sql, statement.arguments(values), tenant)
    await driver.execute(text, *arguments)


def _given(rows: Rows) -> tuple[Parts, dict[str, Any]]:
    by_table: dict[Appending, list[Row]] = {}
    for table, row in rows:
        by_table.setdefault(table, []).append(row)
    parts: list[tuple[Appending, Given]] = []
    values: dict[str, Any] = {}
    for table, its_rows in by_table.items():
        given = table.one if len(its_rows) == 1 else table.many
        parts.append((table, given))
        values |= given.parameters(its_rows)
    return frozenset(parts), values


@lru_cache(maxsize=256)
def _together(parts: Parts, *, alone: bool = False) -> Compiled:
    """A table comes after those that its rows refer to: their rows are there when it is asked whose they are."""
    by_table = {table.table: (table, given) for table, given in parts}
    ready: list[ColumnElement[bool]] = [literal_column(statements.ENTERED)] if alone else []
    for each in sort_tables(sorted(by_table, key=lambda table: table.name)):  # one text in every process
        table, given = by_table[each]
        added = given.inserted(table.model, *ready).returning(literal_column("1")).cte(f"added_{each.name}")
        count = select(func.count()).select_from(added)
        ready = [count.scalar_subquery() > 0]
    return compiled(count)
