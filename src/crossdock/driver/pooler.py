"""What stands between the service and PostgreSQL on a lane, as far as it shows: by what it does, and by its name."""

from dataclasses import dataclass, replace
from enum import StrEnum

import asyncpg

from crossdock.address import Address
from crossdock.driver.connection import FAILURES, PROCESS, carries_prepared, connect, is_pooled
from crossdock.errors import ConfigurationError

NO_TRANSACTIONS = "statement pooling mode"
"""PgBouncer's words when it refuses BEGIN."""
CONSOLE = "pgbouncer"
"""The database that is PgBouncer's own console."""
CONSOLE_TIMEOUT_S = 2.0
LOOKS = 5
"""How often two connections are asked for their sessions. An idle pooler gives the second one that of the first."""
LOOK_TIMEOUT_S = 1.0


class Mode(StrEnum):
    """How long a client keeps a session of PostgreSQL's, in PgBouncer's words."""

    TRANSACTION = "transaction"
    SESSION = "session"
    UNKNOWN = "unknown"
    """No session was free to look with."""


class StatementPooling(ConfigurationError):
    """A pooler that gives each statement another session: no transaction has two of them."""


@dataclass(frozen=True, slots=True)
class Pooler:
    """`name` is what its console says, as `PgBouncer 1.18.0`; None where it tells this login nothing."""

    name: str | None
    mode: Mode
    carries_prepared: bool

    def __str__(self) -> str:
        return f"{self.name or 'a pooler'} ({self.mode} mode)"


async def find_pooler(address: Address) -> Pooler | None:
    """None where PostgreSQL itself answers. Raises DatabaseUnavailable, and StatementPooling."""
    connection = await connect(address)
    try:
        if not await is_pooled(connection):
            return None
        await _need_transactions(connection, address)
        mode = await _mode(connection, address)
        return Pooler(await _name(address), mode, await carries_prepared(connection))
    finally:
        connection.terminate()


async def _need_transactions(connection: asyncpg.Connection, address: Address) -> None:
    try:
        async with connection.transaction():
            await connection.execute("SELECT 1")
    except asyncpg.PostgresError as error:
        if NO_TRANSACTIONS not in str(error):
            raise
        raise StatementPooling(
            f"{address.variable} goes through a pooler in statement mode, where no transaction can have two statements:"
            " set its pool_mode to transaction."
        ) from None


async def _mode(connection: asyncpg.Connection, address: Address) -> Mode:
    """Two clients on one session prove that it is shared. That they never meet shows only that it seems not to be."""
    other = await connect(address)
    try:
        for _ in range(LOOKS):
            mine = await connection.fetchval(PROCESS)
            if mine == await other.fetchval(PROCESS, timeout=LOOK_TIMEOUT_S):
                return Mode.TRANSACTION
        return Mode.SESSION
    except TimeoutError:
        return Mode.UNKNOWN
    finally:
        other.terminate()


async def _name(address: Address) -> str | None:
    """PgBouncer's console tells its version to whom it lets in, which `admin_users` and `stats_users` list."""
    try:
        console = await _console(address)
    except Exception:  # whatever it is that stands there: it does not say
        return None
    version = str(console.get_settings().server_version)
    console.terminate()
    number, _, product = version.partition("/")
    return f"PgBouncer {number}" if product == "bouncer" else None


async def reconnect(address: Address) -> bool:
    """Has PgBouncer replace its sessions of a database, each as soon as it is free. False where it takes no orders of
    this login, which `admin_users` lists."""
    database = address.database.replace('"', '""')
    try:
        console = await _console(address)
    except Exception:
        return False
    try:
        await console.execute(f'RECONNECT "{database}"', timeout=CONSOLE_TIMEOUT_S)
    except FAILURES:
        return False
    finally:
        console.terminate()
    return True


async def _console(address: Address) -> asyncpg.Connection:
    arguments = replace(address, database=CONSOLE, driver=()).asyncpg(timeout_s=CONSOLE_TIMEOUT_S)
    return await asyncpg.connect(**arguments, statement_cache_size=0)
