"""Is the service ready? Each pool is pinged and the migration heads are compared. Liveness asks nobody."""

import asyncio
from dataclasses import dataclass, field

from crossdock.kernel.migrations.status import Chains
from crossdock.kernel.pools import Pool
from crossdock.kernel.transaction import Database

PING_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True)
class Readiness:
    """`pools` and `migrations` say "ok" or what is wrong, per name."""

    pools: dict[str, str] = field(default_factory=dict)
    migrations: dict[str, str] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        return all(state == "ok" for state in (*self.pools.values(), *self.migrations.values()))


async def readiness(database: Database, chains: Chains) -> Readiness:
    """Asks everything at once, each for at most PING_TIMEOUT_S."""
    states = await asyncio.gather(*(_ping(pool) for pool in database.pools))
    pools = {pool.name: state for pool, state in zip(database.pools, states, strict=True)}
    return Readiness(pools, await _migrations(database, chains))


async def _ping(pool: Pool) -> str:
    try:
        async with asyncio.timeout(PING_TIMEOUT_S):
            await pool.ping()
    except Exception as error:
        return str(error) or type(error).__name__
    return "ok"


async def _migrations(database: Database, chains: Chains) -> dict[str, str]:
    try:
        async with asyncio.timeout(PING_TIMEOUT_S), database.direct.lease() as lease:
            states = await chains.status_on(lease.driver)
    except Exception as error:
        return {"status": str(error) or type(error).__name__}
    # What a newer release added is no fault: while it is rolled out, this one goes on serving (expand and contract).
    return {chain.name: f"{len(chain.pending)} pending" if chain.pending else "ok" for chain in states}
