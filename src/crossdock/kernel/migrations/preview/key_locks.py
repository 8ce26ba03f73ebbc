"""The locks behind a foreign key: when it goes, or is made anew, the table at its other end is locked as well."""

from collections.abc import Iterable, Iterator
from typing import Any

from postgast import pg_query_pb2 as pg

from crossdock.kernel.migrations.lint.shapes import parts
from crossdock.kernel.migrations.preview.modes import Lock, Mode
from crossdock.kernel.migrations.preview.present import Key
from crossdock.kernel.migrations.statement import TABLE_KINDS, Statement, dropped


def locks_behind(keys: Iterable[Key], statement: Statement) -> set[Lock]:
    """On the tables that the statement does not name: PostgreSQL keeps triggers of a key on both."""
    return {lock for key in keys if key.table != key.target for lock in _locks(key, statement)}


def _locks(key: Key, statement: Statement) -> Iterator[Lock]:
    if statement.kind == "drop_stmt" and statement.node.remove_type in TABLE_KINDS:
        gone = set(dropped(statement))
        if {key.table, key.target} & gone:
            yield from (Lock(name, Mode.ACCESS_EXCLUSIVE) for name in {key.table, key.target} - gone)
    for part in parts(statement):
        mode, table = _mode(key, part, statement.node.relation.relname), statement.node.relation.relname
        if mode is not None:
            yield Lock(key.target if table == key.table else key.table, mode)


def _mode(key: Key, part: Any, table: str) -> Mode | None:
    """To validate a key PostgreSQL looks each value up, and keeps it from going meanwhile."""
    if part.subtype == pg.AT_ValidateConstraint and (table, part.name) == (key.table, key.name):
        return Mode.ROW_SHARE
    is_column = part.subtype in (pg.AT_DropColumn, pg.AT_AlterColumnType)
    names: frozenset[str] = frozenset()
    if table == key.table:
        names = key.columns if is_column else frozenset([key.name])
    elif table == key.target:
        names = key.target_columns if is_column else frozenset([key.index])
    is_touched = (is_column or part.subtype == pg.AT_DropConstraint) and part.name in names
    return Mode.ACCESS_EXCLUSIVE if is_touched else None
