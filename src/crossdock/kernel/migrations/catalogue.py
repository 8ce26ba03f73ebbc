"""What is in the database already when a statement comes: a table of the same name, an index that a kill left INVALID.

Asked on the lock's connection, which has no transaction open: CREATE INDEX CONCURRENTLY would wait for it.
"""

import asyncpg
import postgast

from crossdock.kernel.errors import Conflict
from crossdock.kernel.migrations.statement import Statement, dropped

INVALID = """
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name, c.relname, t.relname AS on_table
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname = current_schema
    AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid)
ORDER BY 1
"""
TABLE_THERE = "SELECT to_regclass(quote_ident(current_schema) || '.' || quote_ident($1))"
MACHINERY = {"aerich", "alembic_version", "crossdock_journal"}
FOUND = """
SELECT i.indisvalid AS is_valid, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i
WHERE i.indexrelid = to_regclass(quote_ident(current_schema) || '.' || quote_ident($1))
"""


class AnotherIndex(Conflict):
    """An index of this name is there, and it is another one."""


class AnotherTable(Conflict):
    """A table of this name is there, and no revision made it."""


class Catalogue:
    """The schema that a run works on."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def is_to_do(self, statement: Statement, *, resumed: bool) -> bool:
        """False when a killed run had come so far already. Removes the INVALID index that a killed build left."""
        if not statement.is_concurrent or statement.kind == "reindex_stmt":
            return True
        if statement.kind == "drop_stmt":
            here = [await self._connection.fetchrow(FOUND, name) for name in dropped(statement)]
            return not resumed or any(here)
        return await self._is_to_build(statement)

    async def _is_to_build(self, statement: Statement) -> bool:
        """Raises AnotherIndex: IF NOT EXISTS would take it for the one that is wanted."""
        name = statement.node.idxname
        found = await self._connection.fetchrow(FOUND, name)
        if found is None:
            return True
        if not found["is_valid"]:
            await self._connection.execute(f"DROP INDEX CONCURRENTLY {_quoted(name)}")
            return True
        if shape(statement.text) == shape(found["definition"]):
            return False
        raise AnotherIndex(
            f"An index {name} is there already, and it is another one: {found['definition']}. Rename it, or drop it"
            f" (DROP INDEX CONCURRENTLY {name}), and run the same again."
        )

    async def refuse_hidden(self, table: str) -> None:
        """Raises AnotherTable: aerich writes CREATE TABLE IF NOT EXISTS, which takes any table for the one it makes."""
        if table in MACHINERY or await self._connection.fetchval(TABLE_THERE, table) is None:
            return
        raise AnotherTable(
            f"A table {table} is there already, and no revision made it. Look at it (`crossdock schema check`), then"
            f" rename or drop it, and run the same again."
        )

    async def invalid(self) -> dict[str, str]:
        """Those that nobody is building at this moment: name → table."""
        return {row["relname"]: row["on_table"] for row in await self._connection.fetch(INVALID)}

    async def rebuild(self) -> list[str]:
        """Makes every INVALID one again, beside the traffic; what a killed REINDEX left is dropped. Their names."""
        names = list(await self.invalid())
        for name in names:
            is_left_over = "_ccnew" in name or "_ccold" in name
            command = "DROP INDEX" if is_left_over else "REINDEX INDEX"
            await self._connection.execute(f"{command} CONCURRENTLY {_quoted(name)}")
        return names


def shape(create_index: str) -> str:
    """An index without what does not make it another: how it is built, and the schema that it is in."""
    parsed = postgast.parse(create_index)
    node = parsed.stmts[0].stmt.index_stmt
    node.concurrent = node.if_not_exists = False
    node.relation.schemaname = ""
    return str(postgast.deparse(parsed))


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'
