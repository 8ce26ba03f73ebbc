"""Asks a database for its schema, as a plan needs it: sizes, keys, columns, indexes. Takes no lock but a SELECT's."""

import asyncpg

from crossdock.migrations.preview import queries
from crossdock.sql.family import Family
from crossdock.sql.known import Indexed, Known
from crossdock.sql.present import FOUND, Key, Present, Size
from crossdock.sql.statement import statements


async def look(connection: asyncpg.Connection) -> Present:
    """The schema that unqualified names mean on this connection."""
    known = await _known(connection)
    sizes = {row["name"]: Size(row["rows"], row["bytes"]) for row in await connection.fetch(queries.SIZES)}
    columns = {name: set(table.columns) for name, table in known.tables.items()}
    present = Present(sizes, columns, {_key(row) for row in await connection.fetch(queries.KEYS)}, known)
    present.schema = await connection.fetchval("SELECT current_schema")
    present.sequences = {tuple(row) for row in await connection.fetch(queries.SEQUENCES)}
    present.statistics = {row["name"]: row["on_table"] for row in await connection.fetch(queries.STATISTICS)}
    present.functions = {row["name"] for row in await connection.fetch(queries.FUNCTIONS) if row["is_ours"]}
    for row in await connection.fetch(queries.READ_BY_VIEWS):
        present.reads.setdefault(row["view"], set()).add(row["reads"])
        if row["is_materialised"]:
            present.materialised.add(row["view"])
    return present


async def _known(connection: asyncpg.Connection) -> Known:
    """What the database has, learned from statements that would make it."""
    known = Known()
    for query in (queries.DOMAINS, queries.TABLES, queries.CHECKS):
        for (sql,) in await connection.fetch(query):
            for statement in statements(sql):
                known.learn(statement, FOUND)
    indexes = await connection.fetch(queries.INDEXES)
    known.indexes = {row["name"]: row["on_table"] for row in indexes}
    known.indexed = {row["name"]: Indexed(frozenset(row["columns"]), row["is_plain"]) for row in indexes}
    known.functions = {row["name"]: row["volatility"] for row in await connection.fetch(queries.FUNCTIONS)}
    known.family = Family(partitioned={row["relname"] for row in await connection.fetch(queries.PARTITIONED)})
    for row in await connection.fetch(queries.FAMILY):
        known.family.children.setdefault(row["parent"], set()).add(row["child"])
        if row["is_default"]:
            known.family.defaults[row["parent"]] = row["child"]
    return known


def _key(row: asyncpg.Record) -> Key:
    columns, targets = frozenset(row["columns"]), frozenset(row["target_columns"])
    actions = row["on_delete"], row["on_update"]
    return Key(row["name"], row["table"], columns, row["target"], targets, row["index"], *actions)
