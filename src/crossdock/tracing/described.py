"""What a trace may say of a statement: what it does to which tables, and its text without a value."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

import postgast
from postgast import pg_query_pb2 as pg

SUMMARY_MAX = 255
VERBS = {
    pg.SelectStmt: "SELECT",
    pg.InsertStmt: "INSERT",
    pg.UpdateStmt: "UPDATE",
    pg.DeleteStmt: "DELETE",
    pg.MergeStmt: "MERGE",
}


@lru_cache(maxsize=1024)
def described(sql: str) -> tuple[str | None, str | None]:
    """What it does to which tables, and its text with a parameter for each constant; None for what is no SQL.

    The parser is PostgreSQL's own. So no value gets into a trace: neither the tenant, session and limits in the string
    that begins a unit of work, nor what an ORM may write into its text.
    """
    try:
        text, statements = postgast.normalize(sql), postgast.parse(sql).stmts
    except postgast.PgQueryError:
        return None, None
    if not statements:
        return None, None
    # BEGIN and COMMIT come with settings around them, and are what such a string is for.
    named = next((each for each in statements if each.stmt.HasField("transaction_stmt")), statements[0])
    return _summary(sql, named)[:SUMMARY_MAX], text


def _summary(sql: str, named: Any) -> str:
    nodes = [node for _, node in postgast.walk(named)]
    if not any(type(node) in VERBS for node in nodes):
        own = sql.encode()[named.stmt_location :].decode()
        return own.split(maxsplit=1)[0].strip(";").upper()  # BEGIN, SET, COMMIT, SAVEPOINT
    by_verb = groupby(dict.fromkeys(_uses(nodes)), key=itemgetter(0))
    return " ".join(" ".join((verb, *(table for _, table in uses))) for verb, uses in by_verb) or "SELECT"


def _uses(nodes: list[Any]) -> Iterator[tuple[str, str]]:
    """Which verb is done to which table, from the outside in; what WITH names is no table."""
    named = {node.ctename for node in nodes if isinstance(node, pg.CommonTableExpr)}
    verb = ""
    for node in nodes:
        verb = VERBS.get(type(node), verb)
        if isinstance(node, pg.RangeVar) and node.relname not in named:
            yield verb, ".".join(filter(None, (node.schemaname, node.relname)))
