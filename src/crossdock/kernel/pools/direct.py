"""The pool straight to PostgreSQL, never through a pooler: health, LISTEN, whatever needs a session."""

import asyncpg

from crossdock.kernel.address import Address
from crossdock.kernel.config import PoolSettings
from crossdock.kernel.pools.gate import Gate
from crossdock.kernel.pools.lease import Lease, Pool


class DirectPool(Pool):
    """Plain asyncpg on the direct URL."""

    name = "direct"
    orm = "asyncpg"

    def __init__(self, address: Address, settings: PoolSettings) -> None:
        self.address = address
        self.min_size = settings.min_size
        self.gate = Gate(self.name, settings.max_size, timeout_s=settings.timeout_s, waiting_max=settings.waiting_max)
        self._pool: asyncpg.Pool | None = None

    async def open(self) -> None:
        self._pool = await asyncpg.create_pool(
            **self.address.asyncpg(),
            min_size=self.min_size,
            max_size=self.gate.size,
            timeout=self.gate.timeout_s,
            server_settings={"application_name": "crossdock direct", "search_path": self.address.schema},
        )

    async def close(self) -> None:
        if self._pool is not None:
            self._pool.terminate()
            self._pool = None

    async def _take(self) -> Lease:
        assert self._pool is not None, "the pool is not open"
        handle = await self._pool.acquire(timeout=self.gate.timeout_s)
        return Lease(handle._con, handle)

    async def _give(self, lease: Lease) -> None:
        if self._pool is not None:
            await self._pool.release(lease.handle, timeout=self.gate.timeout_s)
