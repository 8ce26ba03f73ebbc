"""The locks behind a foreign key: when it goes, or is made anew, the table at its other end is locked as well."""

from collections.abc import Iterator
from typing import Any

from postgast import pg_query_pb2 as pg

from crossdock.sql.family import partitions_named
from crossdock.sql.modes import Lock, Mode
from crossdock.sql.present import Key, Present
from crossdock.sql.shapes import definition, parts
from crossdock.sql.statement import TABLE_KINDS, Statement, dropped


def locks_behind(present: Present, statement: Statement) -> set[Lock]:
    """On the tables that the statement does not name: PostgreSQL keeps triggers of a key on both."""
    keys = [key for key in present.keys if key.table != key.target]
    return {lock for key in keys for lock in _locks(key, statement)} | set(_of_partitions(present, statement))


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
    if part.subtype == pg.AT_AlterConstraint:
        altered = definition(part).atalter_constraint
        is_it = (table, altered.conname) == (key.table, key.name)
        return Mode.ACCESS_EXCLUSIVE if is_it and altered.alter_enforceability else None
    is_column = part.subtype in (pg.AT_DropColumn, pg.AT_AlterColumnType)
    names: frozenset[str] = frozenset()
    if table == key.table:
        names = key.columns if is_column else frozenset([key.name])
    elif table == key.target:
        names = key.target_columns if is_column else frozenset([key.index])
    is_touched = (is_column or part.subtype == pg.AT_DropConstraint) and part.name in names
    return Mode.ACCESS_EXCLUSIVE if is_touched else None


def _of_partitions(present: Present, statement: Statement) -> Iterator[Lock]:
    """The DEFAULT partition is looked through for rows of the new one. Keys of the whole are made for a new partition,
    and for one that is taken off its own are."""
    family = present.known.family
    for parent, partition, form in _partitions(present, statement):
        default = family.defaults.get(parent)
        if default is not None and default != partition:
            yield Lock(default, Mode.ACCESS_EXCLUSIVE)
        if form is None:
            yield Lock(parent, Mode.ACCESS_EXCLUSIVE)
        for key in present.keys if form is not None else ():
            if key.table == parent:
                yield Lock(key.target, Mode.SHARE_ROW_EXCLUSIVE)
            elif key.target == parent:
                is_new = form == pg.AT_AttachPartition
                mode = Mode.SHARE_ROW_EXCLUSIVE if is_new else Mode.ACCESS_EXCLUSIVE
                yield Lock(key.table, mode, is_read=not is_new)


def _partitions(present: Present, statement: Statement) -> Iterator[tuple[str, str, int | None]]:
    """Each parent and partition; to drop a partition shuts the parent too."""
    yield from partitions_named(statement)
    if statement.kind == "drop_stmt" and statement.node.remove_type in TABLE_KINDS:
        for name in dropped(statement):
            parent = present.known.family.parent_of_partition(name)
            if parent is not None:
                yield parent, name, None
