"""Rows that a unit of work only adds: written together, in one statement."""

from collections.abc import Mapping, Sequence
from functools import lru_cache, reduce
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, Table, func, literal_column, select
from sqlalchemy.sql.ddl import sort_tables

from crossdock.driver.compiled import Compiled, compiled
from crossdock.errors import ProgrammingError
from crossdock.pools.checkout import Checkout
from crossdock.tenancy import Guard, Statements
from crossdock.tenancy.statements import ENTERED
from crossdock.transaction.given import Given

Row = Mapping[str, Any]
"""It has all of its table's columns."""

Statement = tuple[str, Sequence[Any]]


class Appending:
    """`HISTORY = Appending(OrderHistory)`: a table that is added to, by its mapped class or as a Table."""

    def __init__(self, model: Any) -> None:
        self.table: Table = model if isinstance(model, Table) else model.__table__
        self.one, self.many = Given.of(self.table, one=True), Given.of(self.table)


Parts = frozenset[tuple[Appending, Given]]


class InsertRows:
    """Rows that are pending: of several tables, written by one statement."""

    def __init__(self) -> None:
        self._rows: dict[Table, tuple[Appending, list[Row]]] = {}

    def extend(self, table: Appending, rows: Sequence[Row]) -> None:
        """At least one row."""
        self._rows.setdefault(table.table, (table, []))[1].extend(rows)

    async def send(self, checkout: Checkout) -> None:
        """As `Work.send`. Raises as `send_statement` does."""
        await self.send_statement(checkout, self._statement())

    def alone(self, statements: Statements, guard: Guard | None, parameters: Sequence[str]) -> Statement:
        """The statement that also sets the tenant, for a kept session: it is a transaction by itself."""
        return statements.entered_to_write(*self._statement(alone=True), guard, parameters)

    async def send_statement(self, checkout: Checkout, statement: Statement) -> None:
        """Raises what refuses a row, and ProgrammingError where one is passed over in silence, as by a trigger."""
        text, arguments = statement
        (added,) = await checkout.driver.fetchrow(text, *arguments)
        if added != sum(len(rows) for _, rows in self._rows.values()):
            raise ProgrammingError(f"Rows were added, and {added} of them are there.")

    def _statement(self, *, alone: bool = False) -> tuple[str, list[Any]]:
        parts: list[tuple[Appending, Given]] = []
        values: dict[str, Any] = {}
        for table, rows in self._rows.values():
            given = table.one if len(rows) == 1 else table.many
            parts.append((table, given))
            values |= given.parameters(rows)
        together = _together(frozenset(parts), alone=alone)
        return together.sql, together.arguments(values)


@lru_cache(maxsize=256)
def _together(parts: Parts, *, alone: bool) -> Compiled:
    """It answers with the number of rows added.

    A table comes after those that its rows refer to: their rows are there when it is asked whose they are.
    """
    by_table = {table.table: (table, given) for table, given in parts}
    ready: list[ColumnElement[bool]] = [literal_column(ENTERED)] if alone else []
    counts: list[ColumnElement[int]] = []
    for each in sort_tables(sorted(by_table, key=lambda table: table.name)):  # one text in every process
        _, given = by_table[each]
        added = given.inserted(each, *ready).returning(literal_column("1")).cte(f"added_{each.name}")
        count = select(func.count()).select_from(added).scalar_subquery()
        ready = [count > 0]
        counts.append(count)
    return compiled(select(reduce(add, counts)))
