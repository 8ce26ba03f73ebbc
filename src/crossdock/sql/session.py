"""What a statement does to its session for longer than its transaction: behind a transaction pooler that is lost, or is
there for the pooler's next client.

The list is that of PgBouncer: https://www.pgbouncer.org/features.html
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from postgast import pg_query_pb2 as pg

from crossdock.sql.shapes import made
from crossdock.sql.statement import NotSql, Statement, statements

HINTS = re.compile(
    r"\b(set|set_config|reset|discard|load|listen|unlisten|prepare|execute|deallocate|hold|temp|temporary|into)\b"
    r"|advisory_",
    re.IGNORECASE,
)
"""A text without any of these words is not parsed."""

KINDS = {
    "listen_stmt": "LISTEN",
    "unlisten_stmt": "UNLISTEN",
    "prepare_stmt": "PREPARE",
    "execute_stmt": "EXECUTE",
    "deallocate_stmt": "DEALLOCATE",
    "discard_stmt": "DISCARD",
    "load_stmt": "LOAD",
}
WITH_HOLD = 0x0020
"""CURSOR_OPT_HOLD of PostgreSQL's parsenodes.h."""
OF_TRANSACTION = {"TRANSACTION", "TRANSACTION SNAPSHOT"}
"""What SET TRANSACTION sets, by the parser's names."""


@lru_cache(maxsize=1024)
def session_feature(sql: str) -> str | None:
    """What a text does to its session, in SQL's words, such as `SET work_mem`. None where it does nothing, and for what
    is no SQL."""
    if not HINTS.search(sql):
        return None
    try:
        return next((found for each in statements(sql) for found in _features(each)), None)
    except NotSql:
        return None


def _features(statement: Statement) -> Iterator[str]:
    node, kind = statement.node, statement.kind
    if kind in KINDS:
        yield KINDS[kind]
    elif kind == "variable_set_stmt":
        yield from _setting(node)
    elif kind == "declare_cursor_stmt" and node.options & WITH_HOLD:
        yield "a cursor WITH HOLD"
    elif any(relation.relpersistence == "t" for relation in made(statement)) and not _is_dropped_at_commit(node):
        yield "a temporary table"
    for call in statement.nodes:
        if isinstance(call, pg.FuncCall):
            yield from _called(call)


def _setting(node: Any) -> Iterator[str]:
    if not node.is_local and node.name not in OF_TRANSACTION:
        verb = "RESET" if node.kind in (pg.VAR_RESET, pg.VAR_RESET_ALL) else "SET"
        yield f"{verb} {node.name or 'ALL'}"


def _is_dropped_at_commit(node: Any) -> bool:
    into = node if hasattr(node, "oncommit") else getattr(node, "into", None)
    how = getattr(into, "oncommit", None) or getattr(into, "on_commit", None)
    return bool(how == pg.ONCOMMIT_DROP)


def _called(call: Any) -> Iterator[str]:
    name = call.funcname[-1].string.sval
    if "advisory_" in name and "xact" not in name:
        yield f"{name}(), a lock of the session"
    elif name == "set_config" and len(call.args) == 3 and _is_false(call.args[2]):
        yield "set_config(..., false)"


def _is_false(argument: Any) -> bool:
    """A constant: what a parameter will be is not known here."""
    constant = argument.a_const
    return constant.WhichOneof("val") == "boolval" and not constant.boolval.boolval
