"""One deployer at a time: a session's advisory lock on the direct lane, with a limit and the holder's name."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import asyncpg

from crossdock.address import Address
from crossdock.driver.connection import connect
from crossdock.errors import Busy
from crossdock.migrations.history.journal import PROGRAM

LOCK_KEY = 0x0C70_55D0_C4
WAIT_S = 60
POLL_S = 0.2
LOCK_TIMEOUT_MS = 2_000

HOLDER = """
SELECT a.pid, a.usename, a.application_name, coalesce(a.client_addr::text, 'this machine') AS client, a.backend_start
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND (l.classid::bigint << 32) + l.objid::bigint = $1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


ORPHANS = """
SELECT pid, left(query, 80) AS query FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE $1 ORDER BY pid
"""


class AnotherDeployer(Busy):
    """Another run of the migrations holds the lock."""


@asynccontextmanager
async def deployer_lock(address: Address, *, wait_s: float = WAIT_S) -> AsyncIterator[asyncpg.Connection]:
    """Waits for the lock, for at most `wait_s`. A killed holder's lock goes with its connection, which looks into the
    schema of the address and never has a transaction open while a revision runs."""
    # Behind a pooler in transaction mode the lock would stay on somebody else's connection, and hold nobody off.
    connection = await connect(replace(address, needs_session=True))
    try:
        await connection.execute("SELECT set_config('application_name', $1, false)", PROGRAM)
        await look_into(connection, address)
        await _acquire(connection, wait_s)
        # The lock is the session's: it is held until the connection closes, also where this process is killed.
        yield connection
    finally:
        await connection.close()


async def look_into(connection: asyncpg.Connection, address: Address) -> None:
    """Unqualified names mean the schema of the address, and no lock is waited for without end. A connection whose
    client was killed goes after a second, whatever it is at."""
    await connection.execute("SELECT set_config('search_path', quote_ident($1), false)", address.schema)
    await connection.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS}; SET client_connection_check_interval = 1000")


async def _acquire(connection: asyncpg.Connection, wait_s: float) -> None:
    """Then waits for what a killed holder's tool has begun: PostgreSQL notices only after a while that nobody listens.

    Asks again and again: one long `pg_advisory_lock` would hold a snapshot, and the holder's CREATE INDEX
    CONCURRENTLY would wait for that, each for the other, without end."""
    deadline = time.monotonic() + wait_s
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK_KEY):
        if time.monotonic() >= deadline:
            raise AnotherDeployer(
                f"Waited {wait_s:g} s for the migration lock; it is held by {await _who(connection)}."
            )
        await asyncio.sleep(min(POLL_S, max(0.0, deadline - time.monotonic())))
    while orphans := await connection.fetch(ORPHANS, f"{PROGRAM} (%"):
        if time.monotonic() >= deadline:
            raise AnotherDeployer(
                f"A killed run has left pid {orphans[0]['pid']} at work after {wait_s:g} s: {orphans[0]['query']}."
                f" Wait for it, or end it: SELECT pg_terminate_backend({orphans[0]['pid']})."
            )
        await asyncio.sleep(min(POLL_S, max(0.0, deadline - time.monotonic())))


async def refuse_while_deployed(connection: asyncpg.Connection) -> None:
    """Raises AnotherDeployer: what a run has begun would look as if it had been killed."""
    if await connection.fetchrow(HOLDER, LOCK_KEY) is not None:
        raise AnotherDeployer(f"A run is under way, by {await _who(connection)}: ask again when it is over.")


async def _who(connection: asyncpg.Connection) -> str:
    holder = await connection.fetchrow(HOLDER, LOCK_KEY)
    if holder is None:
        return "somebody who has just gone"
    return (
        f"{holder['usename']} from {holder['client']} (pid {holder['pid']}, since {holder['backend_start']:%H:%M:%S})"
    )
