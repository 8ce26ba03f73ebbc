"""The pool straight to PostgreSQL, never through a pooler: health, LISTEN, whatever needs a session."""

import asyncpg

from crossdock.pools.checkout import Pool
from crossdock.pools.connections import PooledConnection


class DirectPool(Pool):
    """Plain asyncpg on the direct URL."""

    name = "direct"
    orm = "asyncpg"

    async def _connect(self) -> PooledConnection:
        settings = {"application_name": self.address.named(self.name), "search_path": f"{self.address.schema}, pg_temp"}
        return PooledConnection(
            await asyncpg.connect(
                **self.address.asyncpg(timeout_s=self.gate.timeout_s),
                connection_class=self.connection_class,
                server_settings=settings,
            )
        )
