"""The schema as a plan finds it, and as each of its statements would leave it: sizes, keys, columns, indexes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
from postgast import pg_query_pb2 as pg

from crossdock.kernel.migrations.lint.known import Known
from crossdock.kernel.migrations.lint.shapes import constraints, definition, parts
from crossdock.kernel.migrations.statement import TABLE_KINDS, Statement, dropped, statements

SIZES = """
SELECT c.relname AS name, nullif(c.reltuples, -1)::bigint AS rows, pg_total_relation_size(c.oid) AS bytes
FROM pg_class c WHERE c.relnamespace = to_regnamespace(current_schema) AND c.relkind IN ('r', 'p', 'm', 'v', 'S', 'f')
"""
INDEXES = """
SELECT i.relname AS name, t.relname AS on_table FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
WHERE i.relnamespace = to_regnamespace(current_schema)
"""
KEYS = """
SELECT k.conname AS name, t.relname AS table, r.relname AS target, i.relname AS index,
    array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey))
        AS columns,
    array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = ANY(k.confkey))
        AS target_columns
FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
JOIN pg_class i ON i.oid = k.conindid
WHERE k.contype = 'f' AND k.connamespace = to_regnamespace(current_schema)
"""
TABLES = """
SELECT format('CREATE TABLE %I (%s)', c.relname, string_agg(
    format('%I %s', a.attname, format_type(a.atttypid, a.atttypmod))
    || CASE WHEN a.attnotnull AND NOT EXISTS (
        SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND a.attnum = ANY(k.conkey) AND NOT k.convalidated)
        THEN ' NOT NULL' ELSE '' END, ', ' ORDER BY a.attnum))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = to_regnamespace(current_schema) AND c.relkind IN ('r', 'p') GROUP BY c.relname
"""
CHECKS = """
SELECT format('ALTER TABLE %I ADD CONSTRAINT %I %s', c.relname, k.conname, pg_get_constraintdef(k.oid))
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
WHERE k.contype = 'c' AND k.connamespace = to_regnamespace(current_schema)
"""
FUNCTIONS = """
SELECT proname AS name, CASE provolatile WHEN 'v' THEN 'volatile' ELSE 'stable' END AS volatility
FROM pg_proc WHERE pronamespace = to_regnamespace(current_schema)
"""
UNITS = (("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10))
FOUND = "the database"
"""What `Known` takes for the revision that made what is there."""


@dataclass(frozen=True, slots=True)
class Size:
    """`rows` is PostgreSQL's estimate, None before the first ANALYZE; `bytes` are with the indexes."""

    rows: int | None
    bytes: int

    @property
    def rows_in_words(self) -> str:
        """Nothing where nobody has counted."""
        return "" if self.rows is None else f"about {self.rows:,} rows"

    @property
    def bytes_in_words(self) -> str:
        for unit, size in UNITS:
            if self.bytes >= size:
                return f"{self.bytes / size:,.1f} {unit}"
        return f"{self.bytes} bytes"

    @property
    def words(self) -> str:
        return ", ".join(filter(None, (self.rows_in_words, self.bytes_in_words)))


@dataclass(frozen=True, slots=True)
class Key:
    """A foreign key of a table. `index` is the target's, by which it finds the rows; one that the plan adds finds
    them by what is not looked up here."""

    name: str
    table: str
    columns: frozenset[str]
    target: str
    target_columns: frozenset[str]
    index: str = ""


@dataclass
class Present:
    """`sizes` and `columns` are of what the database has, `made` what the plan has made so far, `known` all of it."""

    sizes: dict[str, Size]
    columns: dict[str, set[str]]
    keys: set[Key]
    known: Known
    made: set[str]

    @classmethod
    async def of(cls, connection: asyncpg.Connection) -> "Present":
        known = Known()
        for query in (TABLES, CHECKS):
            for (sql,) in await connection.fetch(query):
                for statement in statements(sql):
                    known.learn(statement, FOUND)
        known.indexes = {row["name"]: row["on_table"] for row in await connection.fetch(INDEXES)}
        known.functions = {row["name"]: row["volatility"] for row in await connection.fetch(FUNCTIONS)}
        sizes = {row["name"]: Size(row["rows"], row["bytes"]) for row in await connection.fetch(SIZES)}
        columns = {name: set(table.columns) for name, table in known.tables.items()}
        return cls(sizes, columns, {_key(row) for row in await connection.fetch(KEYS)}, known, set())

    def is_made(self, name: str) -> bool:
        """By the plan: nobody else has seen it."""
        return name in self.made and name not in self.sizes

    def learn(self, statement: Statement, revision: str) -> None:
        """Takes in what a statement does."""
        self.known.learn(statement, revision)
        self.made |= {name for name, table in self.known.tables.items() if table.made_in != FOUND}
        rule = LEARN.get(statement.kind)
        if rule is not None:
            rule(self, statement)


def _key(row: asyncpg.Record) -> Key:
    columns, targets = frozenset(row["columns"]), frozenset(row["target_columns"])
    return Key(row["name"], row["table"], columns, row["target"], targets, row["index"])


def _create(present: Present, statement: Statement) -> None:
    name = statement.node.relation.relname
    for item in statement.node.table_elts:
        if item.WhichOneof("node") == "column_def":
            present.keys |= set(_column_keys(name, item.column_def))
        elif item.WhichOneof("node") == "constraint":
            present.keys |= set(_keys(name, item.constraint))


def _alter(present: Present, statement: Statement) -> None:
    name = statement.node.relation.relname
    for part in parts(statement):
        if part.subtype == pg.AT_AddColumn:
            present.keys |= set(_column_keys(name, definition(part).column_def))
        elif part.subtype == pg.AT_AddConstraint:
            present.keys |= set(_keys(name, definition(part).constraint))
        elif part.subtype == pg.AT_DropConstraint:
            present.keys = {key for key in present.keys if (key.table, key.name) != (name, part.name)}
        elif part.subtype == pg.AT_DropColumn:
            present.columns.get(name, set()).discard(part.name)
            present.keys = {key for key in present.keys if not (key.table == name and part.name in key.columns)}


def _column_keys(table: str, column: Any) -> Iterator[Key]:
    for constraint in constraints(column, pg.CONSTR_FOREIGN):
        yield from _keys(table, constraint, column.colname)


def _keys(table: str, constraint: Any, *columns: str) -> Iterator[Key]:
    """Without a name of its own PostgreSQL calls it after its columns."""
    if constraint.contype == pg.CONSTR_FOREIGN:
        columns = columns or tuple(item.string.sval for item in constraint.fk_attrs)
        targets = frozenset(item.string.sval for item in constraint.pk_attrs)
        name = constraint.conname or "_".join([table, *columns, "fkey"])
        yield Key(name, table, frozenset(columns), constraint.pktable.relname, targets)


def _drop(present: Present, statement: Statement) -> None:
    if statement.node.remove_type in TABLE_KINDS | {pg.OBJECT_SEQUENCE}:
        gone = set(dropped(statement))
        present.keys = {key for key in present.keys if not {key.table, key.target} & gone}
        for name in gone:
            present.sizes.pop(name, None)
            present.columns.pop(name, None)


def _view(present: Present, statement: Statement) -> None:
    present.made.add(statement.node.view.relname)


def _rename(present: Present, statement: Statement) -> None:
    node, old = statement.node, statement.node.relation.relname
    if node.rename_type == pg.OBJECT_COLUMN and node.subname in present.columns.get(old, ()):
        present.columns[old] = present.columns[old] - {node.subname} | {node.newname}
    elif node.rename_type == pg.OBJECT_TABCONSTRAINT:
        present.keys = {_renamed(key, old, node.subname, node.newname) for key in present.keys}
    elif node.rename_type in TABLE_KINDS and old in present.sizes:
        _rename_table(present, old, node.newname)


def _renamed(key: Key, table: str, old: str, new: str) -> Key:
    return replace(key, name=new) if (key.table, key.name) == (table, old) else key


def _rename_table(present: Present, old: str, new: str) -> None:
    present.sizes[new] = present.sizes.pop(old)
    present.columns[new] = present.columns.pop(old, set())
    present.known.indexes = {name: new if on == old else on for name, on in present.known.indexes.items()}
    present.keys = {
        replace(key, table=new if key.table == old else key.table, target=new if key.target == old else key.target)
        for key in present.keys
    }


LEARN: dict[str, Callable[[Present, Statement], None]] = {
    "create_stmt": _create,
    "alter_table_stmt": _alter,
    "drop_stmt": _drop,
    "rename_stmt": _rename,
    "view_stmt": _view,
}
