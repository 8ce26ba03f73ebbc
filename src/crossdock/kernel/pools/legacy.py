"""The pool of Tortoise: reads of the modules that Tortoise still holds."""

from collections.abc import Iterable
from typing import Any, cast

import asyncpg
from tortoise import context as tortoise_context
from tortoise.context import TortoiseContext, _current_context

from crossdock.kernel.address import Address
from crossdock.kernel.config import PoolSettings
from crossdock.kernel.pools.driver import DriverSettings
from crossdock.kernel.pools.gate import Gate
from crossdock.kernel.pools.lease import Lease, Pool
from crossdock.kernel.pools.tortoise_backend import ALIAS, GuardedClient, LentClient

APP = "legacy"


class LegacyPool(Pool):
    """Tortoise's asyncpg pool. Its context is entered per unit of work, so two of them can live in one process."""

    name = "legacy"
    orm = "tortoise"

    def __init__(self, address: Address, settings: PoolSettings, driver: DriverSettings, models: Iterable[str]) -> None:
        self.address = address
        self.min_size = settings.min_size
        self.gate = Gate(self.name, settings.max_size, timeout_s=settings.timeout_s, waiting_max=settings.waiting_max)
        self.context = TortoiseContext()
        self._config = tortoise_config(address, settings, driver, models)
        self._pool: asyncpg.Pool | None = None

    async def open(self) -> None:
        with self.context:  # models look for the current context while they are set up
            await self.context.init(config=self._config, use_tz=True, timezone="UTC")
            client = cast(GuardedClient, self.context.connections.get(ALIAS))
            await client.create_connection(with_db=True)
        self._pool = client._pool
        # Outside of a unit, models find the client that refuses them.
        tortoise_context._global_context = self.context

    async def close(self) -> None:
        if self._pool is not None:
            self._pool.terminate()
            self._pool = None

    async def _take(self) -> Lease:
        assert self._pool is not None, "the pool is not open"
        handle = await self._pool.acquire(timeout=self.gate.timeout_s)
        # The holder's own connection, not asyncpg's per-acquire proxy: `terminate` must reach the socket.
        return Lease(handle._con, handle)

    async def _give(self, lease: Lease) -> None:
        if self._pool is not None:
            await self._pool.release(lease.handle, timeout=self.gate.timeout_s)

    def enter(self, client: LentClient) -> "EnteredTortoise":
        """Makes `client` what Tortoise's models use in this task, until `leave`."""
        return EnteredTortoise(self.context, client)


class EnteredTortoise:
    """Tortoise's current context and connection, for one block of one task.

    The variable itself, not `with context:`: that keeps its token on the context, where concurrent tasks overwrite it.
    """

    def __init__(self, context: TortoiseContext, client: LentClient) -> None:
        self._handler = context.connections
        self._context_token = _current_context.set(context)
        self._connection_token = self._handler.set(ALIAS, client)

    def leave(self) -> None:
        self._handler.reset(self._connection_token)
        _current_context.reset(self._context_token)


async def keep(_: asyncpg.Connection) -> None:
    """No reset query at release: a unit of work sets everything with SET LOCAL, so nothing is left to reset."""


def tortoise_config(
    address: Address, settings: PoolSettings, driver: DriverSettings, models: Iterable[str]
) -> dict[str, Any]:
    """What Tortoise's `init` takes: one alias, one app, every Tortoise module's models."""
    credentials: dict[str, Any] = {
        **address.asyncpg(),
        "minsize": settings.min_size,
        "maxsize": settings.max_size,
        "application_name": "crossdock legacy",
        "timeout": settings.timeout_s,
        "reset": keep,
        **driver.asyncpg(),
    }
    return {
        "connections": {ALIAS: {"engine": "crossdock.kernel.pools.tortoise_backend", "credentials": credentials}},
        "apps": {APP: {"models": list(models), "default_connection": ALIAS}},
        "use_tz": True,
        "timezone": "UTC",
    }
