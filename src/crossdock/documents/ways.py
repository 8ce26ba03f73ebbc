"""The ways in which the rows of a list come to be seen: each is followed by an index of its own, then they are merged.

A policy like "mine, or mine to carry, or open to all" is no condition that an index could follow: PostgreSQL walks the
whole table in the order of the list until a page is full, which for a tenant with few rows is never. Followed one by
one, each way costs a page at most. The policy decides all the same: it is asked of every row that a way leads to.
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
class Way:
    """To the rows whose `column` has this value; `when` says of the whole way whether it is open to the tenant at all.

    It needs an index on the column and the one that the list is ordered by, and for each filter of the list another one
    with the filter's column between the two: without that the way is walked until a page of such rows is found.
    """

    column: SQLColumnExpression[Any]
    value: Any
    when: ColumnElement[bool] | None = None


@dataclass(frozen=True, slots=True)
class Walk:
    """How far each way is followed, and in which order: `most` is a constant for the planner, `asked` what is shown."""

    table: FromClause
    key: ColumnElement[Any]
    is_descending: bool
    most: int
    asked: ColumnElement[int]

    def ordered(self, column: Any) -> Any:
        return desc(column) if self.is_descending else column


def by_ways(
    query: Select[Any], ways: Sequence[Way], walk: Walk, conditions: Sequence[ColumnElement[bool]]
) -> Select[Any]:
    """The query over what the ways lead to, each row once, in the place of the table."""
    found = union_all(*(_followed(way, walk, conditions) for way in ways)).subquery("found")
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


def _followed(way: Way, walk: Walk, conditions: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """BETWEEN a value and itself, and the order by that column too: with `=` the order would be that of the key alone,
    and the planner might walk the index of the key after all."""
    query = select(walk.table).where(way.column.between(way.value, way.value))
    if way.when is not None:
        query = query.where(way.when)
    query = query.where(*(_known(condition, way) for condition in conditions))
    query = query.order_by(walk.ordered(way.column), walk.ordered(walk.key)).limit(walk.most)
    return select(query.subquery("way")).limit(walk.asked)


def _known(condition: ColumnElement[bool], way: Way) -> ColumnElement[bool]:
    """A condition on the way's own column is decided before a row is read: its value is known."""
    column: Any = coercions.expect(roles.ExpressionElementRole, way.column)
    value = way.value if isinstance(way.value, ColumnElement) else literal(way.value, column.type)

    def known(element: Any, **_: Any) -> Any:
        is_column = isinstance(element, ColumnElement) and element.shares_lineage(column)
        return value if is_column else None

    replaced: ColumnElement[bool] = replacement_traverse(condition, {}, known)
    return replaced
