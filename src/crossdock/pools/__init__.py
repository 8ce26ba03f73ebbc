"""The pools to one PostgreSQL, named, counted and bounded: of Tortoise, of SQLAlchemy, and of plain asyncpg.

They give out connections and begin no transaction. Of a tenant they know a key to queue by.
"""

from crossdock.pools.checkout import Checkout, Pool
from crossdock.pools.direct import DirectPool
from crossdock.pools.sqlalchemy import SqlAlchemyPool
from crossdock.pools.tortoise import TortoisePool

__all__ = ["Checkout", "DirectPool", "Pool", "SqlAlchemyPool", "TortoisePool"]
