"""The locks of statements that read and write rows: a table is written, others are read, rows may be locked."""

from collections.abc import Iterator
from typing import Any

import postgast
from postgast import pg_query_pb2 as pg

from crossdock.kernel.migrations.preview.modes import Lock, Mode
from crossdock.kernel.migrations.statement import Statement

WRITES = {"insert_stmt", "update_stmt", "delete_stmt", "merge_stmt"}


def written(statement: Statement) -> Iterator[Lock]:
    yield Lock(statement.node.relation.relname, Mode.ROW_EXCLUSIVE)
    yield from read(statement)


def selected(statement: Statement) -> Iterator[Lock]:
    """SELECT ... INTO makes a table, like CREATE TABLE AS."""
    into = statement.node.into_clause if statement.kind == "select_stmt" else statement.node.into
    if into.HasField("rel"):
        yield Lock(into.rel.relname, Mode.ACCESS_EXCLUSIVE)
    yield from read(statement, without=into.rel.relname)


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
