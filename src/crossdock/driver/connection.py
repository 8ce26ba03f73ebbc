"""One connection outside of the pools: what commands and checks use, whatever stands before PostgreSQL.

No statement of theirs is prepared under a name. Behind PgBouncer before 1.21 a second client's name would be there
already, on the session that the first one had: what happens then has nothing to do with what was asked.
"""

import ssl

import asyncpg

from crossdock.address import Address
from crossdock.errors import ConfigurationError, CrossdockError, DatabaseUnavailable

CONNECT_TIMEOUT_S = 5.0
PROCESS = "SELECT pg_backend_pid()"
"""The process of PostgreSQL's that answers, whatever stands before it."""
PROBE = "crossdock_probe"
"""The name of a statement that is prepared to see what a pooler makes of it."""
PROBE_ARRIVED = "SELECT count(*) > 0 FROM pg_prepared_statements WHERE name LIKE 'crossdock%'"
REJECTED = "rejected SSL upgrade"
"""The driver's words for a server without TLS."""
FAILURES = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.exceptions.TargetServerAttributeNotMatched,
)


class ThroughPooler(ConfigurationError):
    """A pooler stands where a session of PostgreSQL's own is needed."""


async def connect(address: Address) -> asyncpg.Connection:
    """One connection, or DatabaseUnavailable in plain words. Raises ConfigurationError for an address that cannot be
    used as it is written, ThroughPooler where it needs a session and a pooler answers."""
    try:
        connection = await asyncpg.connect(**address.asyncpg(timeout_s=CONNECT_TIMEOUT_S), statement_cache_size=0)
    except FAILURES as error:
        raise _translated(error, address) from None
    if address.needs_session and await is_pooled(connection):
        await connection.close()
        remedy = "it" if address.variable == "DIRECT_URL" else "DIRECT_URL"
        raise ThroughPooler(
            f"{address.variable} goes through a pooler, and what is to be done needs a session of PostgreSQL's own: set"
            f" {remedy} to PostgreSQL itself."
        )
    return connection


async def is_pooled(connection: asyncpg.Connection) -> bool:
    """A pooler gives its client a key of its own for cancelling, so the process that it names is not the one that
    answers. Also true of one that pools sessions: no client can distinguish the two."""
    return bool(await connection.fetchval(PROCESS) != connection.get_server_pid())


async def carries_prepared(connection: asyncpg.Connection) -> bool:
    """Whether each client may have prepared statements of its own. Needs a connection of `connect`.

    A pooler that carries them gives each a name of its own making; one that does not hands the client's name to
    whichever session answers, where the next client will find it. Looked at inside a transaction, which has one session
    for sure, so that this is found at the first look and not when two clients happen to meet.
    """
    if not await is_pooled(connection):
        return True
    async with connection.transaction():
        try:
            probe = await connection.prepare("SELECT 1", name=PROBE)  # kept: the driver closes what nobody holds
        except asyncpg.DuplicatePreparedStatementError:
            return False  # an earlier look was killed here
        has_arrived = await connection.fetchval(PROBE_ARRIVED)
        if has_arrived:
            await connection.execute(f"DEALLOCATE {probe.get_name()}")
    return not has_arrived


def _translated(error: BaseException, address: Address) -> CrossdockError:
    if isinstance(error, asyncpg.exceptions.ClientConfigurationError):
        return ConfigurationError(f"{address.variable} cannot be used: {_line(error)}.")
    return DatabaseUnavailable(_words(error, address))


def _words(error: BaseException, address: Address) -> str:
    variable, why = address.variable, _line(error)
    match error:
        case asyncpg.InvalidCatalogNameError():
            database = address.database
            make = f"create it with `createdb {database}`, or name another in {variable}"
            words = f"The server at {address} has no database '{database}': {make}."
        case asyncpg.InvalidAuthorizationSpecificationError():
            words = f"The server refuses {address}: {why}. Check user and password in {variable}."
        case asyncpg.TooManyConnectionsError():
            words = f"The server at {address} has no connection left: too many clients."
        case asyncpg.exceptions.TargetServerAttributeNotMatched():
            words = f"The server at {address} is not what target_session_attrs in {variable} asks for."
        case asyncpg.PostgresError():
            words = f"The server at {address} says: {why}."
        case ssl.SSLError():
            words = f"There is no safe connection to {address}, as {variable} asks for: {why}."
        case _ if REJECTED in why:
            remedy = "turn on ssl there, or write sslmode=disable where plain text will do"
            words = f"There is no safe connection to {address}, as {variable} asks for: {why}; {remedy}."
        case _:
            words = f"Cannot connect to {address}: {why}. Is PostgreSQL running there?"
    return words


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
