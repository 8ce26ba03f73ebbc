"""What is in the database already when a statement comes: a table of the same name, an index that a kill left INVALID.

Asked on the lock's connection, which has no transaction open: CREATE INDEX CONCURRENTLY would wait for it.
"""

import re

import asyncpg
import postgast
import structlog

from crossdock.errors import Conflict
from crossdock.migrations.run.lock import LOCK_TIMEOUT_MS
from crossdock.models.names import MACHINERY
from crossdock.sql.quoting import quoted
from crossdock.sql.statement import Statement, dropped

log = structlog.get_logger(__name__)

DROP_TIMEOUT_MS = 3_600_000
LEFT_OVER = re.compile(r"(.+)_cc(?:new|old)\d*")
"""What REINDEX CONCURRENTLY calls the index that it builds, and the one that it replaces."""
INVALID = """
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name, c.relname, t.relname AS on_table
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname = current_schema
    AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid)
ORDER BY 1
"""
TABLE_THERE = "SELECT to_regclass(quote_ident(current_schema) || '.' || quote_ident($1))"
COLUMN_THERE = """
SELECT true FROM pg_attribute WHERE attrelid = to_regclass(quote_ident(current_schema) || '.' || quote_ident($1))
AND attname = $2 AND NOT attisdropped
"""
DETACHING = """
SELECT inhdetachpending FROM pg_inherits
WHERE inhparent = to_regclass(quote_ident(current_schema) || '.' || quote_ident($1))
    AND inhrelid = to_regclass(quote_ident(current_schema) || '.' || quote_ident($2))
"""
FOUND = """
SELECT i.indisvalid AS is_valid, pg_get_indexdef(i.indexrelid) AS definition, t.relname AS on_table
FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
WHERE i.indexrelid = to_regclass(quote_ident(current_schema) || '.' || quote_ident($1))
"""


class AnotherIndex(Conflict):
    """An index of this name is there, and it is another one."""


class AnotherThing(Conflict):
    """A table, column or index of this name is there before the revision that makes it."""


class Catalogue:
    """The schema that a run works on."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def is_to_do(self, statement: Statement, *, resumed: bool) -> bool:
        """False when a killed run had come so far already. Removes the INVALID index that a killed build left."""
        if statement.detaches is not None:
            return await self._is_to_detach(*statement.detaches, resumed=resumed)
        if not statement.is_concurrent or statement.kind == "reindex_stmt":
            return True
        if statement.kind == "drop_stmt":
            here = [await self._connection.fetchrow(FOUND, name) for name in dropped(statement)]
            return not resumed or any(here)
        return await self._is_to_build(statement)

    async def _is_to_detach(self, table: str, partition: str, *, resumed: bool) -> bool:
        """A DETACH that was killed between its two transactions is pending: PostgreSQL wants FINALIZE then."""
        is_pending = await self._connection.fetchval(DETACHING, table, partition)
        if is_pending:
            sql = f"ALTER TABLE {quoted(table)} DETACH PARTITION {quoted(partition)} FINALIZE"
            await self._alone(sql, DROP_TIMEOUT_MS)
            return False
        return not resumed or is_pending is not None

    async def _is_to_build(self, statement: Statement) -> bool:
        """Raises AnotherIndex: IF NOT EXISTS would take it for the one that is wanted."""
        name = statement.node.idxname
        found = await self._connection.fetchrow(FOUND, name)
        if found is None:
            return True
        if not found["is_valid"]:
            await self._alone(f"DROP INDEX CONCURRENTLY {quoted(name)}", DROP_TIMEOUT_MS)
            return True
        if await self._as_made(statement) == _essence(found["definition"]):
            return False
        raise AnotherIndex(
            f"An index {name} is there already, and it is another one: {found['definition']}. Rename it, or drop it"
            f" (DROP INDEX CONCURRENTLY {name}), and run the same again."
        )

    async def _is_built(self, statement: Statement) -> bool:
        """True where the index is there, and the same one: somebody made it by hand, or with the old tool."""
        found = await self._connection.fetchrow(FOUND, statement.node.idxname)
        if found is None or not found["is_valid"] or found["on_table"] != statement.node.relation.relname:
            return False
        try:
            return await self._as_made(statement) == _essence(found["definition"])
        except asyncpg.LockNotAvailableError:  # this very revision has locked the table, so nothing can be compared
            return False

    async def _as_made(self, statement: Statement) -> str:
        """How PostgreSQL would write the index: made on an empty twin of the table, and undone."""
        parsed = postgast.parse(statement.text)
        node = parsed.stmts[0].stmt.index_stmt
        table = node.relation.relname
        node.concurrent = node.if_not_exists = False
        node.idxname, node.relation.relname, node.relation.schemaname = "twin_index", "twin", "pg_temp"
        transaction = self._connection.transaction()
        await transaction.start()
        try:
            await self._connection.execute(f"CREATE TEMP TABLE twin (LIKE {quoted(table)}) ON COMMIT DROP")
            await self._connection.execute(str(postgast.deparse(parsed)))
            return _essence(await self._connection.fetchval("SELECT pg_get_indexdef('pg_temp.twin_index'::regclass)"))
        finally:
            await transaction.rollback()

    async def refuse_hidden(self, statement: Statement) -> None:
        """Raises AnotherThing: IF NOT EXISTS takes whatever has the name for what it was to make."""
        node = statement.node
        if statement.kind == "create_stmt" and node.if_not_exists and node.relation.relname not in MACHINERY:
            await self._refuse(f"A table {node.relation.relname}", TABLE_THERE, node.relation.relname)
        elif statement.kind == "index_stmt" and node.if_not_exists:
            if await self._is_built(statement):
                return
            await self._refuse(f"An index {node.idxname}", TABLE_THERE, node.idxname)
        elif statement.kind == "alter_table_stmt":
            for part in (item.alter_table_cmd for item in node.cmds):
                column = getattr(part, "def").column_def.colname
                if part.missing_ok and column:
                    named = f"A column {node.relation.relname}.{column}"
                    await self._refuse(named, COLUMN_THERE, node.relation.relname, column)

    async def _refuse(self, named: str, query: str, *arguments: str) -> None:
        if await self._connection.fetchval(query, *arguments) is not None:
            raise AnotherThing(
                f"{named} is there already, and this revision was to make it. Look at it (`crossdock schema check`),"
                " then rename or drop it, and run the same again."
            )

    async def invalid(self) -> dict[str, str]:
        """Those that nobody is building at this moment: name → table."""
        return {row["relname"]: row["on_table"] for row in await self._connection.fetch(INVALID)}

    async def rebuild(self, timeout_ms: int) -> list[str]:
        """Makes every INVALID one again, beside the traffic; what a killed REINDEX left is dropped. A line for each:
        one that cannot be built, for duplicates say, must not be in the way of the rest."""
        lines = []
        for name in await self.invalid():
            left_over = LEFT_OVER.fullmatch(name)
            command = "DROP INDEX" if left_over else "REINDEX INDEX"
            try:
                await self._alone(f"{command} CONCURRENTLY {quoted(name)}", timeout_ms)
                lines.append(f"index {name} {'dropped' if left_over else 'rebuilt'}")
            except asyncpg.PostgresError as error:
                log.warning("index_not_rebuilt", index=name, because=str(error))
                lines.append(f"index {name} is INVALID still: {error}")
                await self._drop_left_over(name, timeout_ms)
        return lines

    async def _drop_left_over(self, name: str, timeout_ms: int) -> None:
        for other in await self.invalid():
            found = LEFT_OVER.fullmatch(other)
            if found and found[1] == name:
                await self._alone(f"DROP INDEX CONCURRENTLY {quoted(other)}", timeout_ms)

    async def _alone(self, sql: str, timeout_ms: int) -> None:
        """Beside the traffic, on this connection: it waits for old transactions as long as it has to."""
        await self._connection.execute(f"SET lock_timeout = {timeout_ms}")
        try:
            await self._connection.execute(sql)
        finally:
            await self._connection.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS}")


def _essence(definition: str) -> str:
    """An index without its name and its table's."""
    head, _, how = definition.partition(" USING ")
    return f"{'UNIQUE ' if head.startswith('CREATE UNIQUE') else ''}{how}"
