"""Indexes that are built beside the traffic: a killed build leaves an INVALID one, which is found and made again.

Asked on the lock's connection, which has no transaction open: CREATE INDEX CONCURRENTLY would wait for it.
"""

import asyncpg

from crossdock.kernel.migrations.statement import Statement, dropped

INVALID = """
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name, c.relname, t.relname AS on_table
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND c.relkind = 'i' AND n.nspname = current_schema
    AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = c.oid)
ORDER BY 1
"""
VALID = """
SELECT i.indisvalid FROM pg_index i
WHERE i.indexrelid = to_regclass(quote_ident(current_schema) || '.' || quote_ident($1))
"""


class Indexes:
    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def is_to_do(self, statement: Statement, *, resumed: bool) -> bool:
        """False when a killed run had come so far already. Removes the INVALID index that a killed build left."""
        if not statement.is_concurrent or statement.kind == "reindex_stmt":
            return True
        if statement.kind == "drop_stmt":
            here = [await self._is_valid(name) for name in dropped(statement)]
            return not resumed or any(valid is not None for valid in here)
        name = statement.node.idxname
        valid = await self._is_valid(name)
        if valid is False:
            await self._connection.execute(f"DROP INDEX CONCURRENTLY {_quoted(name)}")
        return not (resumed and valid)

    async def _is_valid(self, name: str) -> bool | None:
        """None: there is no index of this name."""
        found: bool | None = await self._connection.fetchval(VALID, name)
        return found

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


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'
