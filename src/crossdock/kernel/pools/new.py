"""The pool of SQLAlchemy, whose connections also carry every write: they can be lent to Tortoise."""

import asyncio
import json
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from crossdock.kernel.config import PoolSettings
from crossdock.kernel.address import Address
from crossdock.kernel.pools.asyncpg_dialect import DRIVER_NAME
from crossdock.kernel.pools.gate import Gate
from crossdock.kernel.pools.lease import Lease, Pool


class NewPool(Pool):
    """SQLAlchemy's engine in autocommit: BEGIN and COMMIT are ours to send, so none is ever sent late or twice."""

    name = "new"
    orm = "sqlalchemy"

    def __init__(self, address: Address, settings: PoolSettings, *, prepared_statements: bool) -> None:
        self.address = address
        self.min_size = settings.min_size
        self.gate = Gate(self.name, settings.max_size, timeout_s=settings.timeout_s, waiting_max=settings.waiting_max)
        self.engine = _engine(address, settings, prepared_statements=prepared_statements)

    async def open(self) -> None:
        warm = [await self.engine.connect() for _ in range(self.min_size)]
        for connection in warm:
            await connection.close()

    async def close(self) -> None:
        await self.engine.dispose()

    async def _take(self) -> Lease:
        connection = await self.engine.connect()
        try:
            lease = await self._lease(connection)
            if lease.driver.is_closed():  # its backend was ended while it lay in the pool
                await connection.invalidate()
                lease = await self._lease(connection)
        except BaseException:
            await connection.close()
            raise
        return lease

    async def _lease(self, connection: AsyncConnection) -> Lease:
        raw = await connection.get_raw_connection()
        adapted: Any = raw.dbapi_connection
        driver: Any = raw.driver_connection
        mutex: asyncio.Lock = adapted._execute_mutex  # SQLAlchemy's own: both ORMs queue on one lock
        return Lease(driver, mutex, connection, connection)

    async def _give(self, lease: Lease) -> None:
        if lease.broken:
            await lease.handle.invalidate()
        await lease.handle.close()


def _engine(address: Address, settings: PoolSettings, *, prepared_statements: bool) -> AsyncEngine:
    arguments: dict[str, Any] = {"server_settings": {"application_name": "crossdock new"}}
    if not prepared_statements:  # both caches: with either left on, up to 44 % of the calls failed behind PgBouncer 1.18
        arguments |= {"statement_cache_size": 0, "prepared_statement_cache_size": 0}

    async def connect(*_: Any, **driver_arguments: Any) -> asyncpg.Connection:
        return await asyncpg.connect(**address.asyncpg(), **driver_arguments, timeout=settings.timeout_s)

    return create_async_engine(
        f"{DRIVER_NAME}://",
        isolation_level="AUTOCOMMIT",
        pool_size=settings.max_size,
        max_overflow=0,
        pool_timeout=settings.timeout_s,
        pool_reset_on_return=None,  # a unit of work ends its own transaction before it gives the connection back
        json_serializer=lambda value: json.dumps(value, separators=(",", ":"), allow_nan=False),
        connect_args={"async_creator_fn": connect, **arguments},
    )
