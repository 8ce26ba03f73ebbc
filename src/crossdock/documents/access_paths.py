"""Access paths of a list: each finds by an index the rows that are seen for one reason; then they are merged.

A policy like "mine, or mine to carry, or open to all" is no condition that an index could follow: PostgreSQL walks the
whole table in the order of the list until a page is full, which for a tenant with few rows is never. Followed one by
one, each path costs a page at most. The policy still decides: PostgreSQL asks it of every row that a path finds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Select,
    SQLColumnExpression,
    Table,
    desc,
    literal,
    select,
    union_all,
)
from sqlalchemy.sql import coercions, roles
from sqlalchemy.sql.visitors import replacement_traverse


@dataclass(frozen=True, slots=True)
class AccessPath:
    """To the rows whose `column` has this value. `when` is false where the tenant may not take this path at all.

    It needs an index on the column and the one that the list is ordered by, and for each filter of the list another one
    with the filter's column between the two: without that PostgreSQL walks the path until it has a page of such rows.
    """

    column: SQLColumnExpression[Any]
    value: Any
    when: ColumnElement[bool] | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    """How far each path is followed, in which order. `most` is a constant for the planner, `asked` what is shown."""

    table: FromClause
    key: ColumnElement[Any]
    is_descending: bool
    most: int
    asked: ColumnElement[int]

    def ordered(self, column: Any) -> Any:
        return desc(column) if self.is_descending else column


def by_paths(
    query: Select[Any], paths: Sequence[AccessPath], walk: Walk, conditions: Sequence[ColumnElement[bool]]
) -> Select[Any]:
    """The query over what the paths lead to, each row once, in the place of the table."""
    found = union_all(*(_followed(path, walk, conditions) for path in paths)).subquery("found")
    key = found.c[str(walk.key.key)]
    once = select(found).distinct(key).order_by(walk.ordered(key)).subquery(str(walk.table))

    def moved(element: Any, **_: Any) -> Any:
        if _is_table(element, walk.table):
            return once
        is_own = isinstance(element, Column) and _is_table(element.table, walk.table)
        return once.c[element.key] if is_own else None

    adapted: Any = replacement_traverse(query, {}, moved)
    assert isinstance(adapted, Select)
    return adapted


def _is_table(element: Any, table: FromClause) -> bool:
    """By its name: SQLAlchemy's ORM marks a table by a copy of it."""
    return isinstance(element, Table) and element.fullname == str(table)


def _followed(path: AccessPath, walk: Walk, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """BETWEEN a value and itself, and the order by that column too: with `=` the order would be that of the key alone,
    and the planner might walk the index of the key after all."""
    query = select(walk.table).where(path.column.between(path.value, path.value))
    if path.when is not None:
        query = query.where(path.when)
    query = query.where(*(_known(condition, path) for condition in conditions))
    query = query.order_by(walk.ordered(path.column), walk.ordered(walk.key)).limit(walk.most)
    return select(query.subquery("path")).limit(walk.asked)


def _known(condition: ColumnElement[bool], path: AccessPath) -> ColumnElement[bool]:
    """A condition on the path's own column is decided before a row is read: its value is known."""
    column: Any = coercions.expect(roles.ExpressionElementRole, path.column)
    value = path.value if isinstance(path.value, ColumnElement) else literal(path.value, column.type)

    def known(element: Any, **_: Any) -> Any:
        is_column = isinstance(element, ColumnElement) and element.shares_lineage(column)
        return value if is_column else None

    replaced: ColumnElement[bool] = replacement_traverse(condition, {}, known)
    return replaced
