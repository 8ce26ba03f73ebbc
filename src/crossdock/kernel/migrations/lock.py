"""One deployer at a time: a session's advisory lock on the direct lane, with a limit and the holder's name."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from crossdock.kernel.address import Address
from crossdock.kernel.errors import Busy
from crossdock.kernel.pools.budget import connect

LOCK_KEY = 0x0C70_55D0_C4
WAIT_S = 60

HOLDER = """
SELECT a.pid, a.usename, a.application_name, coalesce(a.client_addr::text, 'this machine') AS client, a.backend_start
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND (l.classid::bigint << 32) + l.objid::bigint = $1
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class AnotherDeployer(Busy):
    """Another run of the migrations holds the lock."""


@asynccontextmanager
async def deployer_lock(address: Address, *, wait_s: float = WAIT_S) -> AsyncIterator[asyncpg.Connection]:
    """Waits for the lock, for at most `wait_s`. A killed holder's lock goes with its connection."""
    connection = await connect(address)
    try:
        await connection.execute("SET application_name = 'crossdock migrate'")
        await _acquire(connection, wait_s)
        yield connection
    finally:
        await connection.close()


async def _acquire(connection: asyncpg.Connection, wait_s: float) -> None:
    await connection.execute(f"SET lock_timeout = {max(1, round(wait_s * 1000))}")  # 0 would be without end
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
    except asyncpg.LockNotAvailableError:
        holder = await connection.fetchrow(HOLDER, LOCK_KEY)
        who = "somebody who has just gone"
        if holder is not None:
            since = f"{holder['backend_start']:%H:%M:%S}"
            who = f"{holder['usename']} from {holder['client']} (pid {holder['pid']}, since {since})"
        raise AnotherDeployer(f"Waited {wait_s:g} s for the migration lock; it is held by {who}.") from None
    await connection.execute("SET lock_timeout = 0")
