"""Can the database be reached, on both lanes, and do the pools of all workers fit into it?"""

import asyncpg

from crossdock.address import Address
from crossdock.config.settings import Settings
from crossdock.driver.connection import connect
from crossdock.driver.pooler import StatementPooling
from crossdock.errors import ConfigurationError, DatabaseUnavailable
from crossdock.operations.check import Check, failed, ok, warning
from crossdock.pools import Pool
from crossdock.pools.budget import Budget, read_budget
from crossdock.pools.lane import find_pooled_lane

SERVER_VERSION_MIN = 15
ROOM = (
    "Lower CROSSDOCK_TORTOISE_POOL__MAX_SIZE or CROSSDOCK_TRANSACTION_POOL__MAX_SIZE, run fewer workers,"
    " or raise max_connections."
)


async def look_at_lane(name: str, variable: str, address: Address, wanted: Budget) -> tuple[Check, bool]:
    """A connection and back. The flag says whether there is one."""
    try:
        connection = await connect(address)
    except ConfigurationError as error:  # what to do instead is in it
        return failed(name, str(error)), False
    except DatabaseUnavailable as error:
        return failed(name, str(error), _advice(error, variable, address, wanted)), False
    version = connection.get_server_version()
    await connection.close()
    if version.major < SERVER_VERSION_MIN:
        return failed(name, f"PostgreSQL {version.major} at {address}", f"Take {SERVER_VERSION_MIN} or newer."), True
    return ok(name, f"PostgreSQL {version.major}.{version.micro} at {address}"), True  # asyncpg's minor is always 0


def _advice(error: DatabaseUnavailable, variable: str, address: Address, wanted: Budget) -> str:
    cause = error.__context__
    if isinstance(cause, asyncpg.InvalidCatalogNameError):
        return f"Make it with `createdb {address.database}`, then run `crossdock migrate up`; or correct {variable}."
    if isinstance(cause, asyncpg.InvalidAuthorizationSpecificationError):
        return (
            f"Correct the user or the password in {variable}, or let them in with a line in the server's pg_hba.conf."
        )
    if isinstance(cause, asyncpg.TooManyConnectionsError):
        return f"This service alone wants {wanted.sum()}. End other clients. {ROOM}"
    return f"Start PostgreSQL there, or correct {variable}."


async def look_at_pooler(settings: Settings) -> Check:
    """What stands on the pooled lane, and whether prepared statements are used there."""
    name = "pooler"
    try:
        lane = await find_pooled_lane(settings)
    except StatementPooling as error:
        return failed(name, str(error))
    if not lane.poolers:
        return ok(name, f"none on the pooled lane; prepared statements are {'on' if lane.prepares else 'off'}")
    stands = f"{' and '.join(map(str, lane.poolers))} on the pooled lane"
    if lane.prepares or not settings.prepares:
        return ok(name, f"{stands}; prepared statements are {'on' if lane.prepares else 'off'}")
    return warning(
        name,
        f"{stands}; it does not carry prepared statements, so none are used",
        "Take PgBouncer 1.21 or newer and set max_prepared_statements, or CROSSDOCK_PREPARED_STATEMENTS=false.",
    )


async def look_at_connections(settings: Settings, pools: tuple[Pool, ...]) -> Check:
    """The arithmetic of the pools, whether it comes out or not."""
    budget = await read_budget(settings, pools)
    arithmetic = f"{budget.arithmetic()}; {await _used(settings)} are in use now"
    return ok("connections", arithmetic) if budget.fits else failed("connections", arithmetic, ROOM)


async def _used(settings: Settings) -> int:
    connection = await connect(settings.direct)
    try:
        used: int = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datid IS NOT NULL"  # the rest is hidden from a plain user
        )
    finally:
        await connection.close()
    return used - 1  # without the one that asks
