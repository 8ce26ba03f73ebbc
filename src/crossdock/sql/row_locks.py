"""The locks of statements that read and write rows: a table is written, others are read, rows may be locked."""

from collections.abc import Iterator
from typing import Any

import postgast
from postgast import pg_query_pb2 as pg

from crossdock.sql.modes import Lock, Mode
from crossdock.sql.statement import Statement

WRITES = {"insert_stmt", "update_stmt", "delete_stmt", "merge_stmt"}
CHANGES = (pg.InsertStmt, pg.UpdateStmt, pg.DeleteStmt, pg.MergeStmt)


def changes(root: Any) -> Iterator[Any]:
    """Every INSERT, UPDATE, DELETE and MERGE in it: itself, those of its WITH, those of a rule."""
    return (node for _, node in postgast.walk(root) if isinstance(node, CHANGES))


def executed(statement: Statement) -> Iterator[Any]:
    """Those that are carried out by it, and not only written down, as in a rule, a function or an EXPLAIN."""
    if statement.kind in WRITES | {"select_stmt", "create_table_as_stmt", "copy_stmt"} or _is_analyzed(statement):
        yield from changes(statement.node)


def _is_analyzed(statement: Statement) -> bool:
    is_explain = statement.kind == "explain_stmt"
    return is_explain and any(item.def_elem.defname == "analyze" for item in statement.node.options)


def holds_rows(change: Any) -> bool:
    """Whoever wants to change the same rows waits until the commit. A new row is nobody's else, unless it was there."""
    return not isinstance(change, pg.InsertStmt) or change.on_conflict_clause.action == pg.ONCONFLICT_UPDATE


def keeps_rows_locked(statement: Statement) -> set[str]:
    """The tables whose rows it locks, by changing them or by SELECT ... FOR UPDATE."""
    kept = {change.relation.relname for change in executed(statement) if holds_rows(change)}
    _, places = _row_locks(statement.node)
    return kept | {node.relname for node in _nodes(statement.node, pg.RangeVar) if node.location in places}


def written(statement: Statement) -> Iterator[Lock]:
    """What it changes, in its WITH as well, and what it reads."""
    yield from (Lock(change.relation.relname, Mode.ROW_EXCLUSIVE) for change in changes(statement.node))
    yield from read(statement)


def selected(statement: Statement) -> Iterator[Lock]:
    """SELECT ... INTO makes a table, like CREATE TABLE AS."""
    into = statement.node.into_clause if statement.kind == "select_stmt" else statement.node.into
    if into.HasField("rel"):
        yield Lock(into.rel.relname, Mode.ACCESS_EXCLUSIVE)
    yield from (lock for lock in written(statement) if lock.table != into.rel.relname)


def copied(statement: Statement) -> Iterator[Lock]:
    if statement.node.HasField("relation"):
        mode = Mode.ROW_EXCLUSIVE if statement.node.is_from else Mode.ACCESS_SHARE
        yield Lock(statement.node.relation.relname, mode)
    else:
        yield from read(statement)


def read(statement: Statement, without: str = "") -> Iterator[Lock]:
    """Every table that is named anywhere in it; SELECT ... FOR UPDATE takes a little more than reading."""
    named = {node.ctename for node in _nodes(statement.node, pg.CommonTableExpr)} | {without}
    words, kept = _row_locks(statement.node)
    for node in _nodes(statement.node, pg.RangeVar):
        if node.location not in words and node.relname not in named:
            yield Lock(node.relname, Mode.ROW_SHARE if node.location in kept else Mode.ACCESS_SHARE)


def _row_locks(root: Any) -> tuple[set[int], set[int]]:
    """Places in the text: of the names after FOR UPDATE OF, which may be aliases, and of the tables that they mean."""
    words, kept = set[int](), set[int]()
    for select in _nodes(root, pg.SelectStmt):
        if select.locking_clause:
            rels = [item.range_var for clause in select.locking_clause for item in clause.locking_clause.locked_rels]
            names = {rel.relname for rel in rels}
            words |= {rel.location for rel in rels}
            for item in select.from_clause:
                for table in _nodes(item, pg.RangeVar):
                    if not names or (table.alias.aliasname or table.relname) in names:
                        kept.add(table.location)
    return words, kept


def _nodes(root: Any, kind: Any) -> Iterator[Any]:
    return (node for _, node in postgast.walk(root) if isinstance(node, kind))
