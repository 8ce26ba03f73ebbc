"""The pool straight to PostgreSQL, never through a pooler: health, LISTEN, whatever needs a session."""

import asyncpg

from crossdock.pools.lease import Pool
from crossdock.pools.link import Link


class DirectPool(Pool):
    """Plain asyncpg on the direct URL."""

    name = "direct"
    orm = "asyncpg"

    async def _connect(self) -> Link:
        settings = {"application_name": self.address.named(self.name), "search_path": f"{self.address.schema}, pg_temp"}
        return Link(
            await asyncpg.connect(
                **self.address.asyncpg(timeout_s=self.gate.timeout_s),
                connection_class=self.connection_class,
                server_settings=settings,
            )
        )
