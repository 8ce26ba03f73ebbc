"""The message of a step that failed: which statement, who held the lock that it waited for, what stays, what to do."""

import asyncpg

from crossdock.errors import Conflict
from crossdock.migrations.run.conductor import Conductor
from crossdock.sql.locks import locks_of
from crossdock.transaction.faults import is_lost

LOCKED = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError)
"""Somebody else held the lock: worth another try."""

UNEXPECTED = (
    asyncpg.DuplicateTableError,
    asyncpg.DuplicateColumnError,
    asyncpg.DuplicateObjectError,
    asyncpg.DuplicateFunctionError,
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedObjectError,
    asyncpg.UndefinedFunctionError,
)
"""What the statement would make is there, or what it needs is not."""
ANOTHER_TIME = (
    "Where the revision is right, the database is not what its version tables say: a backup of another time was"
    " restored over it, say, or a table was changed by hand. `crossdock schema check` tells what differs."
)

BLOCKERS = """
SELECT DISTINCT a.pid, a.usename, a.application_name, a.state, a.xact_start, left(a.query, 80) AS query
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.granted AND a.pid <> pg_backend_pid() AND l.relation IN (
    SELECT coalesce(i.indrelid, r) FROM unnest($1::text[]) AS name, to_regclass(quote_ident(name)) AS r
    LEFT JOIN pg_index i ON i.indexrelid = r)
ORDER BY a.xact_start LIMIT 5
"""


class StepFailed(Conflict):
    """A migration failed."""


async def blockers(connection: asyncpg.Connection, conductor: Conductor) -> list[str]:
    """Who holds locks on the tables of the statement that had to wait, the oldest transaction first."""
    if conductor.current is None:
        return []
    tables = [lock.table for lock in locks_of(conductor.current)]
    rows = await connection.fetch(BLOCKERS, tables)
    return [_blocker(row) for row in rows]


def _blocker(row: asyncpg.Record) -> str:
    """PostgreSQL shows what another user's session does to its own user and to pg_read_all_stats alone."""
    who = f"pid {row['pid']} ({row['usename']}, {row['application_name'] or 'unnamed'}"
    if row["xact_start"] is None:
        return f"{who})"
    return f"{who}, {row['state']}, since {row['xact_start']:%H:%M:%S}): {' '.join(row['query'].split())}"


def step_failed(
    conductor: Conductor, cause: BaseException, who: list[str], attempts: int, vouched: str = ""
) -> StepFailed:
    """`vouched`: who said that the version table is right as it is, where somebody did."""
    revision = conductor.step.revision
    where = revision.key
    if conductor.current is not None:
        which = f"statement {conductor.count}" if conductor.count else "before its first statement"
        where += f", {which} ({conductor.current.summary})"
    tried = f" in {attempts} tries" if attempts > 1 else ""
    held = f" In the way: {'; '.join(who)}." if who else ""
    if revision.stands_alone:
        stays = "The statements before it stay; mend the cause and run the same again: it goes on from here."
    else:
        stays = "Nothing of this revision stays, and the ones before it do: mend the cause and run the same again."
    if isinstance(cause, UNEXPECTED):
        stays += f" {vouched}{ANOTHER_TIME}"
    why = str(cause).rstrip(".")
    if is_lost(cause):  # the driver has words of its own for it, like "cannot switch to state 15"
        why = f"the connection was lost ({why})"
    return StepFailed(f"{where} {conductor.step.direction.value} failed{tried}: {why}.{held} {stays}")
