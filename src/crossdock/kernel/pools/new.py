"""The pool of SQLAlchemy, whose connections also carry every write: they can be lent to Tortoise."""

import json
import weakref
from contextlib import AsyncExitStack
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from crossdock.kernel.address import Address
from crossdock.kernel.config import PoolSettings
from crossdock.kernel.pools.asyncpg_dialect import DRIVER_NAME
from crossdock.kernel.pools.driver import DriverSettings
from crossdock.kernel.pools.gate import Gate
from crossdock.kernel.pools.lease import Lease, Pool


class NewPool(Pool):
    """SQLAlchemy's engine in autocommit: BEGIN and COMMIT are ours to send, so none is ever sent late or twice."""

    name = "new"
    orm = "sqlalchemy"

    def __init__(self, address: Address, settings: PoolSettings, driver: DriverSettings) -> None:
        self.address = address
        self.min_size = settings.min_size
        self.gate = Gate(self.name, settings.max_size, timeout_s=settings.timeout_s, waiting_max=settings.waiting_max)
        self._drivers: weakref.WeakSet[asyncpg.Connection] = weakref.WeakSet()
        self.engine = self._engine(settings, driver)

    async def open(self) -> None:
        async with AsyncExitStack() as warm:
            for _ in range(self.min_size):
                await warm.enter_async_context(self.engine.connect())

    async def close(self) -> None:
        for driver in list(self._drivers):
            driver.terminate()  # alone, `dispose` would wait for the server's goodbye, and leave those in use
        await self.engine.dispose()

    async def _take(self) -> Lease:
        connection = await self.engine.connect()
        synchronous: Any = connection.sync_connection
        adapted = synchronous.connection.dbapi_connection
        lease = Lease(adapted.driver_connection, connection, connection)
        adapted._execute_mutex = lease.mutex  # in the place of SQLAlchemy's own: both ORMs queue on one lock
        return lease

    async def _give(self, lease: Lease) -> None:
        try:
            if lease.broken:
                await lease.handle.invalidate()
        finally:
            await lease.handle.close()

    async def _connect(self, *_: Any, **arguments: Any) -> asyncpg.Connection:
        driver = await asyncpg.connect(**self.address.asyncpg(), **arguments, timeout=self.gate.timeout_s)
        self._drivers.add(driver)
        return driver

    def _engine(self, settings: PoolSettings, driver: DriverSettings) -> AsyncEngine:
        arguments = {"server_settings": {"application_name": "crossdock new"}, **driver.asyncpg()}
        if not driver.prepared_statements:  # SQLAlchemy's cache too: with one left on, up to 44 % of calls failed
            arguments["prepared_statement_cache_size"] = 0  # behind PgBouncer 1.18
        return create_async_engine(
            f"{DRIVER_NAME}://",
            isolation_level="AUTOCOMMIT",
            pool_size=settings.max_size,
            max_overflow=0,
            pool_timeout=settings.timeout_s,
            pool_pre_ping=True,  # costs no round trip: see the dialect
            hide_parameters=True,  # what a statement carries is not for the log: amounts, names, kept answers
            pool_reset_on_return=None,  # a unit of work ends its own transaction before it gives the connection back
            json_serializer=lambda value: json.dumps(value, separators=(",", ":"), allow_nan=False),
            connect_args={"async_creator_fn": self._connect, **arguments},
        )
