"""The triggers that note what a store writes: on every table while the writes of some module are compared."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import asyncpg

from crossdock.cutover.changes import ALL, StateChanged
from crossdock.errors import Busy
from crossdock.models.names import CAPTURE_TRIGGER as TRIGGER
from crossdock.sql.quoting import quoted
from crossdock.stages.watching import state_of

TRIES, BACKOFF_S = 30, 0.5
LOCK = "SELECT pg_try_advisory_lock(hashtextextended('crossdock move', 0))"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended('crossdock move', 0))"
THERE = """
SELECT c.relname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE t.tgname = $1 AND c.relnamespace = to_regnamespace(current_schema) ORDER BY 1
"""


@asynccontextmanager
async def alone(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Nobody else makes or drops them in the block. Raises StateChanged where somebody does: it waits for nobody."""
    if not await connection.fetchval(LOCK):
        raise StateChanged(
            "Somebody else takes a step right now: look at the module again when that is done, and decide anew."
        )
    try:
        yield
    finally:
        await connection.execute(UNLOCK)


async def make(connection: asyncpg.Connection, tables: Iterable[str]) -> None:
    """On each table that has none. Raises Busy."""
    for table in sorted(set(tables) - await there(connection)):
        await _patiently(
            connection,
            table,
            f"CREATE OR REPLACE TRIGGER {TRIGGER} AFTER INSERT OR UPDATE OR DELETE ON {quoted(table)} FOR EACH ROW"
            " WHEN (current_setting('crossdock.capture', true) = 'on') EXECUTE FUNCTION crossdock_capture()",
        )


async def drop_unless_needed(connection: asyncpg.Connection) -> None:
    """Drops all of them where no module needs them any more. Raises Busy."""
    if any(state_of(row).is_rehearsed for row in await connection.fetch(ALL)):
        return
    for table in sorted(await there(connection)):
        await _patiently(connection, table, f"DROP TRIGGER IF EXISTS {TRIGGER} ON {quoted(table)}")


async def there(connection: asyncpg.Connection) -> set[str]:
    """The tables that have one."""
    return {row["name"] for row in await connection.fetch(THERE, TRIGGER)}


async def _patiently(connection: asyncpg.Connection, table: str, sql: str) -> None:
    """Traffic that holds the table goes on meanwhile, as beside a migration: the lock is waited for shortly, for
    requests queue behind it, and asked for again."""
    for _ in range(TRIES):
        try:
            await connection.execute(sql)
            return
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            await asyncio.sleep(BACKOFF_S * random.uniform(1, 2))  # noqa: S311
    raise Busy(
        f"The table {table} could not be locked in {TRIES} tries: a transaction that writes to it lasts too long."
        " Try again when it has ended."
    )
