"""A row that the database refuses to write, for the tests of jobs: one bad row must not hold up the others."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

REFUSE = """
    CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'poisoned'; END $$;
    CREATE TRIGGER poison BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW WHEN ({rows}) EXECUTE FUNCTION refuse_poison()
"""


@asynccontextmanager
async def poisoned(connection: asyncpg.Connection, table: str, rows: str) -> AsyncIterator[None]:
    """While the block lasts PostgreSQL refuses new versions of the `rows` (SQL, of NEW), with an error that no code of
    ours expects."""
    await connection.execute(REFUSE.format(table=table, rows=rows))
    try:
        yield
    finally:
        await connection.execute("DROP FUNCTION refuse_poison CASCADE")
