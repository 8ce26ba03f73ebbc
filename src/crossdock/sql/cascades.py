"""What follows from changed rows by foreign keys: rows of other tables are deleted, changed or looked up as well."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import postgast
from postgast import pg_query_pb2 as pg

from crossdock.sql.modes import Lock, Mode
from crossdock.sql.present import Key
from crossdock.sql.row_locks import changes
from crossdock.sql.statement import Statement

CASCADE, SET_NULL, SET_DEFAULT = "c", "n", "d"
"""As in pg_constraint.confdeltype, and in a parse tree."""


@dataclass(frozen=True, slots=True)
class Follow:
    """Rows of `key.table` follow those that they point at: `action` is CASCADE, SET_NULL or SET_DEFAULT."""

    key: Key
    action: str


def deleted_with(keys: Iterable[Key], table: str, seen: frozenset[str] = frozenset()) -> Iterator[Follow]:
    """What happens to other tables when rows of this one are deleted."""
    for key in (key for key in keys if key.target == table):
        if key.on_delete in (CASCADE, SET_NULL, SET_DEFAULT):
            yield Follow(key, key.on_delete)
        if key.on_delete == CASCADE and key.table not in seen | {table}:
            yield from deleted_with(keys, key.table, seen | {table})


def changed_columns(change: Any) -> set[str]:
    """The columns that an UPDATE sets, also that of ON CONFLICT and of MERGE."""
    if isinstance(change, pg.InsertStmt):
        return _named(change.on_conflict_clause.target_list)
    if isinstance(change, pg.MergeStmt):
        whens = [item.merge_when_clause for item in change.merge_when_clauses]
        return {name for when in whens if when.command_type == pg.CMD_UPDATE for name in _named(when.target_list)}
    return _named(change.target_list) if isinstance(change, pg.UpdateStmt) else set()


def _named(targets: Any) -> set[str]:
    return {item.res_target.name for item in targets}


def deletes(change: Any) -> bool:
    if isinstance(change, pg.MergeStmt):
        whens = [item.merge_when_clause for item in change.merge_when_clauses]
        return any(when.command_type == pg.CMD_DELETE for when in whens)
    return isinstance(change, pg.DeleteStmt)


def row_locks_behind(keys: Iterable[Key], statement: Statement) -> Iterator[Lock]:
    """Each deleted row is looked for at the near end of a key, each new value at the far end."""
    for change in changes(statement):
        table, changed = change.relation.relname, changed_columns(change)
        if deletes(change):
            yield from (Lock(follow.key.table, Mode.ROW_EXCLUSIVE) for follow in deleted_with(keys, table))
            yield from (Lock(key.table, Mode.ROW_SHARE) for key in keys if key.target == table)
        for key in keys:
            is_new = isinstance(change, pg.InsertStmt) or _inserts(change)
            if key.table == table and (is_new or changed & key.columns):
                yield Lock(key.target, Mode.ROW_SHARE)
            if key.target == table and changed & key.target_columns:
                is_followed = key.on_update in (CASCADE, SET_NULL, SET_DEFAULT)
                yield Lock(key.table, Mode.ROW_EXCLUSIVE if is_followed else Mode.ROW_SHARE)


def _inserts(change: Any) -> bool:
    return any(
        node.command_type == pg.CMD_INSERT for _, node in postgast.walk(change) if isinstance(node, pg.MergeWhenClause)
    )
