"""Three pools to one PostgreSQL, named, counted and bounded: legacy (Tortoise), new (SQLAlchemy), direct (asyncpg)."""

from crossdock.pools.direct import DirectPool
from crossdock.pools.lease import Lease, Pool
from crossdock.pools.legacy import LegacyPool
from crossdock.pools.new import NewPool

__all__ = ["DirectPool", "Lease", "LegacyPool", "NewPool", "Pool"]
