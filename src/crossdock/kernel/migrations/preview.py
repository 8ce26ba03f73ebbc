"""What a plan will do, told before it is done: each statement, the locks that it takes, and on how large a table."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from crossdock.kernel.migrations.locks import dropped_columns, is_opaque, locks_of
from crossdock.kernel.migrations.modes import Lock, Mode
from crossdock.kernel.migrations.plan import Step
from crossdock.kernel.migrations.statement import Statement, statements

SIZES = """
SELECT c.relname AS name, greatest(c.reltuples, 0)::bigint AS rows, pg_total_relation_size(c.oid) AS bytes
FROM pg_class c WHERE c.relnamespace = to_regnamespace(current_schema) AND c.relkind IN ('r', 'p')
"""
INDEXES = """
SELECT i.relname AS name, t.relname AS on_table FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
WHERE i.relnamespace = to_regnamespace(current_schema)
"""


KEYS = """
SELECT k.conname AS name, t.relname AS on_table, r.relname AS target, array(
    SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey)) AS columns
FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
WHERE k.contype = 'f' AND k.connamespace = to_regnamespace(current_schema)
"""


@dataclass(frozen=True, slots=True)
class TableLock:
    """`rows` (an estimate) and `bytes` are of the table as it is now; `is_new`: this plan makes it, nobody waits."""

    table: str
    mode: Mode
    is_new: bool
    rows: int
    bytes: int

    @property
    def blocks(self) -> str:
        return "nobody" if self.is_new else self.mode.blocks


@dataclass(frozen=True, slots=True)
class PlannedStatement:
    """`is_opaque`: it runs code that only the server can look into, so its locks cannot be told."""

    sql: str
    locks: tuple[TableLock, ...]
    is_opaque: bool


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """`statements` is None when the revision asks the database before it knows what to do: only a run can tell."""

    step: Step
    statements: tuple[PlannedStatement, ...] | None

    @property
    def worst(self) -> list[TableLock]:
        """The strongest lock on each table that traffic would wait behind, held until the revision commits."""
        strongest: dict[str, TableLock] = {}
        for lock in (lock for statement in self.statements or () for lock in statement.locks):
            if lock.blocks != "nobody" and lock.mode > getattr(strongest.get(lock.table), "mode", 0):
                strongest[lock.table] = lock
        return sorted(strongest.values(), key=lambda lock: (-lock.mode, lock.table))


class Preview:
    """Built once for a plan: remembers which tables its steps have made so far."""

    def __init__(
        self, sizes: dict[str, tuple[int, int]], indexes: dict[str, str], keys: Sequence[asyncpg.Record] = ()
    ) -> None:
        self._sizes = sizes
        self._indexes = indexes
        self._keys = keys

    @classmethod
    async def of(cls, connection: asyncpg.Connection) -> "Preview":
        sizes = {row["name"]: (row["rows"], row["bytes"]) for row in await connection.fetch(SIZES)}
        indexes = {row["name"]: row["on_table"] for row in await connection.fetch(INDEXES)}
        return cls(sizes, indexes, await connection.fetch(KEYS))

    def steps(self, planned: Sequence[tuple[Step, str | None]]) -> list[PlannedStep]:
        """From each step and its SQL, in their order."""
        return [PlannedStep(step, None if sql is None else self._statements(sql)) for step, sql in planned]

    def _statements(self, sql: str) -> tuple[PlannedStatement, ...]:
        return tuple(
            PlannedStatement(statement.text, self._locks(statement), is_opaque(statement))
            for statement in statements(sql)
        )

    def _locks(self, statement: Statement) -> tuple[TableLock, ...]:
        if statement.kind == "index_stmt":
            self._indexes[statement.node.idxname] = statement.node.relation.relname
        told = [self._lock(lock) for lock in locks_of(statement)]
        known = {lock.table for lock in told}
        return tuple(told + [self._lock(lock) for lock in self._behind_keys(statement) if lock.table not in known])

    def _behind_keys(self, statement: Statement) -> set[Lock]:
        """Dropping a foreign key, with its table or alone, takes the triggers off the table that it points at."""
        gone = dropped_columns(statement)
        return {
            Lock(key["target"], Mode.ACCESS_EXCLUSIVE)
            for key in self._keys
            if key["on_table"] in gone
            and (not gone[key["on_table"]] or gone[key["on_table"]] & {key["name"], *key["columns"]})
        }

    def _lock(self, lock: Lock) -> TableLock:
        table = self._indexes.get(lock.table, lock.table) if lock.is_index else lock.table
        rows, size = self._sizes.get(table, (0, 0))
        return TableLock(table, lock.mode, table not in self._sizes, rows, size)
