"""Rows that are only ever added, and that nobody reads back in the same transaction: written together, at its end."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from crossdock.kernel.pools.tortoise_backend import Driver
from crossdock.kernel.schema.given import Given
from crossdock.kernel.statement import Compiled, compiled

Row = Mapping[str, Any]


class Appending:
    """`HISTORY = Appending(BookingHistory)`: a table of such rows, by its mapped class."""

    def __init__(self, model: Any) -> None:
        self.name: str = model.__tablename__
        self.given, self.insert = Given.inserted(model)


async def append(driver: Driver, rows: Mapping[Appending, Sequence[Row]]) -> None:
    """One statement for all rows of all tables. Each row has all of its table's columns."""
    tables = tuple(sorted(rows, key=lambda table: table.name))  # few orders, so few statements to keep prepared
    values: dict[str, Any] = {}
    for table in tables:
        values |= table.given.parameters(rows[table])
    statement = _together(tables)
    await driver.execute(statement.sql, *statement.arguments(values))


@lru_cache(maxsize=64)
def _together(tables: tuple[Appending, ...]) -> Compiled:
    last = tables[-1]
    return compiled(last.insert.add_cte(*(table.insert.cte(f"added_{table.name}") for table in tables[:-1])))
