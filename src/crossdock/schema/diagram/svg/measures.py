"""The measures of a picture, and the words of a row, which decide how wide it is.

Tables stand at whole multiples of UNIT. Each way of running across has a remainder of its own: so no two lines lie on
each other where they meet between two columns of the page.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len

from crossdock.schema.diagram.structure import Column, Part, Table

UNIT = 6
CHARACTER = 7.25
"""The width of a character in a monospaced font of 12 px, rounded up."""
ROW, HEAD, TITLE, MARGIN = 18, 24, 48, 12
"""The heights of a column's row, of a table's name, and of a module's name; the space between a module's frame and its
tables."""
GAP = 18
"""Between two tables, without a line that passes through."""
LEAVES_TO_LEFT, LEAVES_TO_RIGHT, ARRIVES_FROM_RIGHT, ARRIVES_FROM_LEFT, PASSES = 9, 8, 11, 12, 7
"""Where a line runs, from the top of a row, and where it passes by, from the top of a gap."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table."""

    mark: str
    name: str
    kind: str


def rows(table: Table) -> Iterator[Row]:
    """One for each column, and one for those that are not drawn."""
    for column in table.columns:
        yield _row(table, column)
    if table.left_out:
        yield Row("", f"and {table.left_out} more", "")


def _row(table: Table, column: Column) -> Row:
    keys = [relation for relation in table.relations if column.name in relation.columns]
    mark = " ".join(word for word, holds in (("PK", column.primary_key), ("FK", keys)) if holds)
    actions = sorted({relation.on_delete.lower() for relation in keys})
    return Row(mark, column.name, " ".join([column.type + "?" * column.nullable, *actions]))


def height(table: Table) -> int:
    return HEAD + ROW * len(list(rows(table)))


def stacked_height(part: Part) -> int:
    """Of a module's frame, without lines that pass through."""
    return TITLE + sum(map(height, part.tables)) + GAP * (len(part.tables) - 1) + MARGIN


def width(table: Table) -> int:
    """Of its longest line."""
    lines = [marks(table) + cell_len(row.name) + 2 + cell_len(row.kind) for row in rows(table)]
    return whole(max([cell_len(table.name) + 2 + len(table.migrated_by), *lines]) * CHARACTER + 16)


def marks(table: Table) -> int:
    """The characters before the names of a table's columns."""
    return max((len(row.mark) + 1 for row in rows(table)), default=0)


def title_width(part: Part) -> int:
    return whole(max(cell_len(part.module) * 1.2, len(part.owner)) * CHARACTER)


def whole(length: float) -> int:
    """The next multiple of UNIT."""
    return math.ceil(length / UNIT) * UNIT
