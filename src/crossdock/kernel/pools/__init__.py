"""Three pools to one PostgreSQL, named, counted and bounded: legacy (Tortoise), new (SQLAlchemy), direct (asyncpg)."""

from crossdock.kernel.pools.direct import DirectPool
from crossdock.kernel.pools.lease import Lease, Pool
from crossdock.kernel.pools.legacy import LegacyPool
from crossdock.kernel.pools.new import NewPool

__all__ = ["DirectPool", "Lease", "LegacyPool", "NewPool", "Pool"]
