"""The tables of the live database with all that hangs on them, by the exact names that it has."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

import asyncpg

from crossdock.schema.comments import as_said
from crossdock.schema.facts import Facts
from crossdock.schema.facts import Key as FactKey
from crossdock.schema.sync.description import Check, Column, ForeignKey, Index, IndexKey, Key, Table

RELATIONS = """
WITH relation AS (
    SELECT c.oid, c.relname::text AS name FROM pg_class c
    WHERE c.relnamespace = to_regnamespace(quote_ident($1)) AND c.relname = ANY($2) AND c.relkind IN ('r', 'p')
)
"""

TABLES = """
SELECT r.name, obj_description(r.oid, 'pg_class') AS comment, EXISTS (
    SELECT FROM pg_constraint f
    WHERE f.contype = 'f' AND f.confrelid = r.oid AND f.conrelid NOT IN (SELECT oid FROM relation)
) AS is_target
FROM relation r ORDER BY r.name
"""

COLUMNS = """
SELECT r.name AS table, a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS sql,
    NOT a.attnotnull AS nullable,
    col_description(r.oid, a.attnum) AS comment,
    pg_get_serial_sequence(format('%I.%I', $1::text, r.name), a.attname) IS NOT NULL AND a.attidentity = '' AS is_serial
FROM relation r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY r.name, a.attnum
"""

CONSTRAINTS = """
SELECT r.name AS table, c.conname::text AS name, c.contype::text AS kind,
    ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k (number, place)
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number ORDER BY k.place) AS columns,
    t.relname::text AS target,
    ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k (number, place)
          JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number ORDER BY k.place) AS target_columns,
    (SELECT format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
     WHERE a.attrelid = c.confrelid AND a.attnum = c.confkey[1]) AS target_type,
    c.confdeltype::text AS on_delete, c.confupdtype::text AS on_update, c.condeferrable, c.condeferred,
    CASE c.contype WHEN 'c' THEN pg_get_expr(c.conbin, c.conrelid, true) END AS sql
FROM relation r JOIN pg_constraint c ON c.conrelid = r.oid AND c.contype IN ('p', 'u', 'f', 'c')
LEFT JOIN pg_class t ON t.oid = c.confrelid
ORDER BY r.name, c.conname
"""

# A key's own definition comes without its order and its operator class. The rows are in the order in which they were
# made, as far as the catalogue keeps it: two databases of one history have the same.
INDEXES = """
SELECT r.name AS table, x.relname::text AS name, i.indisunique AS is_unique, m.amname::text AS method,
    pg_get_expr(i.indpred, i.indrelid, true) AS where, pg_get_indexdef(i.indexrelid) AS sql,
    coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) AS nulls_not_distinct,
    ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(1, i.indnkeyatts) k) AS keys,
    ARRAY(SELECT i.indkey[k - 1] = 0 FROM generate_series(1, i.indnkeyatts) k) AS are_expressions,
    ARRAY(SELECT i.indoption[k - 1]::int FROM generate_series(1, i.indnkeyatts) k) AS options,
    ARRAY(SELECT CASE WHEN NOT o.opcdefault THEN o.opcname::text END FROM generate_series(1, i.indnkeyatts) k
          JOIN pg_opclass o ON o.oid = i.indclass[k - 1] ORDER BY k) AS operators,
    ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true)
          FROM generate_series(i.indnkeyatts + 1, i.indnatts) k) AS included
FROM relation r JOIN pg_index i ON i.indrelid = r.oid JOIN pg_class x ON x.oid = i.indexrelid
JOIN pg_am m ON m.oid = x.relam
WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
ORDER BY r.name, x.relname
"""

ACTIONS = {"a": "", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
ORDERS = {0: "", 1: "DESC NULLS LAST", 2: "NULLS FIRST", 3: "DESC"}
"""By `indoption`: 1 is DESC and 2 NULLS FIRST, which is what DESC alone means."""

Rows = Mapping[str, list[Any]]
"""Table → rows of the catalogue."""


async def read_tables(
    connection: asyncpg.Connection, schema: str, names: Collection[str], said: Facts
) -> dict[str, Table]:
    """By name. `said` is what the models say, for the defaults. Call it inside a transaction."""
    await connection.execute("SELECT set_config('search_path', quote_ident($1), true)", schema)
    columns, constraints, indexes = [
        await _by_table(connection, query, schema, names) for query in (COLUMNS, CONSTRAINTS, INDEXES)
    ]
    # Of the tables' own parameters the first is the schema, as in the other queries.
    tables = await connection.fetch(RELATIONS + TABLES, schema, [*names])
    return {
        row["name"]: Table(
            name=row["name"],
            columns={each["name"]: _column(each, said) for each in columns[row["name"]]},
            comment=as_said(row["comment"], said.get(FactKey(row["name"], "comment", ""))),
            is_target=row["is_target"],
            indexes=tuple(_index(each) for each in indexes[row["name"]]),
            **_constraints(constraints[row["name"]]),
        )
        for row in tables
    }


async def _by_table(connection: asyncpg.Connection, query: str, schema: str, names: Collection[str]) -> Rows:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in await connection.fetch(RELATIONS + query, schema, [*names]):
        found[row["table"]].append(row)
    return found


def _column(row: Any, said: Facts) -> Column:
    fact = said.get(FactKey(row["table"], "column", row["name"]), "")
    default = None if row["is_serial"] else fact.partition(" DEFAULT ")[2] or None
    comment = as_said(row["comment"], said.get(FactKey(row["table"], "comment", row["name"])))
    return Column(row["name"], row["sql"], row["nullable"], comment, default, row["is_serial"])


def _constraints(rows: list[Any]) -> dict[str, Any]:
    keys = {kind: [Key(row["name"], tuple(row["columns"])) for row in rows if row["kind"] == kind] for kind in "pu"}
    return {
        "primary_key": next(iter(keys["p"]), None),
        "uniques": tuple(keys["u"]),
        "foreign_keys": tuple(_foreign_key(row) for row in rows if row["kind"] == "f"),
        "checks": tuple(Check(row["name"], row["sql"]) for row in rows if row["kind"] == "c"),
    }


def _foreign_key(row: Any) -> ForeignKey:
    return ForeignKey(
        name=row["name"],
        columns=tuple(row["columns"]),
        target=row["target"],
        target_columns=tuple(row["target_columns"]),
        target_type=row["target_type"],
        on_delete=ACTIONS[row["on_delete"]],
        on_update=ACTIONS[row["on_update"]],
        is_deferrable=row["condeferrable"],
        is_deferred=row["condeferred"],
    )


def _index(row: Any) -> Index:
    parts = zip(row["keys"], row["are_expressions"], row["options"], row["operators"], strict=True)
    return Index(
        name=row["name"],
        keys=tuple(
            IndexKey(sql, is_expression, ORDERS[order], operators) for sql, is_expression, order, operators in parts
        ),
        is_unique=row["is_unique"],
        method=row["method"],
        where=row["where"],
        included=tuple(row["included"]),
        nulls_not_distinct=row["nulls_not_distinct"],
        sql=row["sql"],
    )
