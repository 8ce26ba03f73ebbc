"""The tables that a step locks before its first statement, learnt from the tries in which it had to wait."""

import asyncpg

from crossdock.migrations.preview.looking import look
from crossdock.sql.modes import Mode
from crossdock.sql.opaque import elsewhere
from crossdock.sql.quoting import quoted
from crossdock.sql.spread import spread
from crossdock.sql.statement import NotSql, Statement, statements

LOCKABLE = """
SELECT relname FROM pg_class
WHERE relnamespace = to_regnamespace(current_schema) AND relkind IN ('r', 'p') AND relname = ANY($1)
    AND has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE')
"""
"""Of these, the tables that this user may LOCK. PostgreSQL has no LOCK of a materialised view."""


class LockOrder:
    """Two transactions that lock the same tables in different orders wait for each other. A revision locks them in the
    order of its statements, and traffic in its own: under steady traffic every try would end in the same wait.

    So the tables of a statement that had to wait come first in the next try. Each try puts one pair of tables that was
    the wrong way round in traffic's order.
    """

    def __init__(self) -> None:
        self._first: dict[str, Mode] = {}

    @property
    def statements(self) -> list[Statement]:
        """LOCK TABLE for each, in the order in which they are to be sent."""
        return [_lock(table, mode) for table, mode in self._first.items()]

    async def learn(self, connection: asyncpg.Connection, waited: Statement) -> None:
        """Puts the tables that `waited` locks in front. A table that the failed try had made is there no more, and one
        behind code that only the server can read is not known: both are left out.

        Whoever holds a table in ACCESS EXCLUSIVE keeps us from asking for its size too. Nothing is learnt then, and the
        next try is as this one was.
        """
        try:
            found = await self._wanted(connection, waited)
        except (asyncpg.PostgresError, NotSql):
            return
        # In front of those of earlier tries, whose locks were had in that try: only this one was the wrong way round.
        self._first = found | {table: mode for table, mode in self._first.items() if table not in found}

    async def _wanted(self, connection: asyncpg.Connection, waited: Statement) -> dict[str, Mode]:
        present = await look(connection)
        if elsewhere(waited, present.schema):
            return {}
        modes: dict[str, Mode] = {}
        for each in spread(present, waited):
            table = present.known.table_of(each.lock.table)
            modes[table] = max(each.lock.mode, modes.get(table, each.lock.mode), self._first.get(table, Mode(1)))
        lockable = {row["relname"] for row in await connection.fetch(LOCKABLE, list(modes))}
        return {table: mode for table, mode in modes.items() if table in lockable}


def _lock(table: str, mode: Mode) -> Statement:
    (statement,) = statements(f"LOCK TABLE ONLY {quoted(table)} IN {mode.label} MODE")
    return statement
