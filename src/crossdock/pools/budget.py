"""Do the pools of all workers fit into the server's connections? Asked at start, with the arithmetic in the answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.config.settings import Settings
from crossdock.driver.connection import connect
from crossdock.driver.probe import Probe
from crossdock.errors import ConfigurationError
from crossdock.pools.checkout import Pool


@dataclass(frozen=True, slots=True)
class Budget:
    """Connections wanted, and what the server gives: all whole numbers of connections."""

    workers: int
    pools: dict[str, int]
    connections_max: int
    reserved: int

    @property
    def wanted(self) -> int:
        return self.workers * sum(self.pools.values())

    @property
    def available(self) -> int:
        return self.connections_max - self.reserved

    @property
    def fits(self) -> bool:
        return self.wanted <= self.available

    def sum(self) -> str:
        """What is wanted, as it adds up."""
        each = " + ".join(f"{size} {name}" for name, size in self.pools.items())
        return f"{self.workers} worker{'s' if self.workers > 1 else ''} × ({each}) = {self.wanted} connections"

    def arithmetic(self) -> str:
        return (
            f"{self.sum()}; the server allows {self.connections_max} less {self.reserved} reserved = {self.available}"
        )


def sizes(pools: Sequence[Pool], shadow: int) -> dict[str, int]:
    """What each worker may open. `shadow`: how many connections repeat reads while a module moves."""
    return {pool.name: pool.gate.size for pool in pools} | {Probe.name: 1, "stages": 1, "shadow": shadow}


async def read_budget(settings: Settings, pools: Sequence[Pool]) -> Budget:
    """Asks the server for its limits, on the direct lane."""
    connection = await connect(settings.direct)
    try:
        rows = await connection.fetch(
            "SELECT name, setting::int AS value FROM pg_settings"
            " WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections')"
        )
    finally:
        await connection.close()
    values = {row["name"]: row["value"] for row in rows}
    connections_max = values.pop("max_connections")
    return Budget(
        settings.workers, sizes(pools, settings.moves.connections), connections_max, reserved=sum(values.values())
    )


async def check_budget(settings: Settings, pools: Sequence[Pool]) -> None:
    """Raises ConfigurationError when the pools of all workers cannot fit."""
    budget = await read_budget(settings, pools)
    if not budget.fits:
        raise ConfigurationError(
            f"The pools do not fit: {budget.arithmetic()}. Lower CROSSDOCK_TORTOISE_POOL__MAX_SIZE or"
            " CROSSDOCK_TRANSACTION_POOL__MAX_SIZE, run fewer workers, or raise max_connections."
        )
