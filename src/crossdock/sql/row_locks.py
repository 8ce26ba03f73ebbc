"""The locks of statements that read and write rows: a table is written, others are read, rows may be locked."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import postgast
from postgast import pg_query_pb2 as pg

from crossdock.sql.modes import Lock, Mode
from crossdock.sql.statement import NotSql, Statement, statements

STRENGTHS = {
    pg.LCS_FORKEYSHARE: "FOR KEY SHARE",
    pg.LCS_FORSHARE: "FOR SHARE",
    pg.LCS_FORNOKEYUPDATE: "FOR NO KEY UPDATE",
    pg.LCS_FORUPDATE: "FOR UPDATE",
}
WAITING = {pg.LockWaitSkip: " SKIP LOCKED", pg.LockWaitError: " NOWAIT"}
ADVISORY = ("pg_advisory_", "pg_try_advisory_")
WRITES = {"insert_stmt", "update_stmt", "delete_stmt", "merge_stmt"}
CHANGES = (pg.InsertStmt, pg.UpdateStmt, pg.DeleteStmt, pg.MergeStmt)


def changes(statement: Statement) -> Iterator[Any]:
    """Every INSERT, UPDATE, DELETE and MERGE in it: itself, those of its WITH, those of a rule."""
    return (node for node in statement.nodes if isinstance(node, CHANGES))


def executed(statement: Statement) -> Iterator[Any]:
    """Those that are carried out by it, and not only written down, as in a rule, a function or an EXPLAIN."""
    if statement.kind in WRITES | {"select_stmt", "create_table_as_stmt", "copy_stmt"} or _is_analyzed(statement):
        yield from changes(statement)


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
    yield from (Lock(change.relation.relname, Mode.ROW_EXCLUSIVE) for change in changes(statement))
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


@lru_cache(maxsize=1024)
def asked_for(sql: str) -> frozenset[tuple[str, str]]:
    """The locks that a text asks for by name: a table and how its rows are locked, or a function of advisory locks and
    an empty text. None for what is no SQL."""
    if " FOR " not in (words := sql.upper()) and "ADVISORY" not in words:
        return frozenset()
    try:
        nodes = [statement.node for statement in statements(sql)]
    except NotSql:
        return frozenset()
    return frozenset(lock for node in nodes for lock in (*_clauses(node), *_advisory(node)))


def _clauses(root: Any) -> Iterator[tuple[str, str]]:
    for select in _nodes(root, pg.SelectStmt):
        for item in select.locking_clause:
            clause = item.locking_clause
            names = {rel.range_var.relname for rel in clause.locked_rels}
            for table in _tables_in(select, names):
                yield table.relname, STRENGTHS[clause.strength] + WAITING.get(clause.wait_policy, "")


def _advisory(root: Any) -> Iterator[tuple[str, str]]:
    names = (call.funcname[-1].string.sval for call in _nodes(root, pg.FuncCall))
    return ((name, "") for name in names if name.startswith(ADVISORY))


def _tables_in(select: Any, names: set[str]) -> Iterator[Any]:
    """Those of its FROM, or the ones among them that have one of these names, where there are any."""
    for item in select.from_clause:
        for table in _nodes(item, pg.RangeVar):
            if not names or (table.alias.aliasname or table.relname) in names:
                yield table


def _row_locks(root: Any) -> tuple[set[int], set[int]]:
    """Places in the text: of the names after FOR UPDATE OF, which may be aliases, and of the tables that they mean."""
    words, kept = set[int](), set[int]()
    for select in _nodes(root, pg.SelectStmt):
        if select.locking_clause:
            rels = [item.range_var for clause in select.locking_clause for item in clause.locking_clause.locked_rels]
            names = {rel.relname for rel in rels}
            words |= {rel.location for rel in rels}
            kept |= {table.location for table in _tables_in(select, names)}
    return words, kept


def _nodes(root: Any, kind: Any) -> Iterator[Any]:
    return (node for _, node in postgast.walk(root) if isinstance(node, kind))
