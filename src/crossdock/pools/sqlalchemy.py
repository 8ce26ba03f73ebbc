"""The pools `transactions` and `platform`: readings of modules on SQLAlchemy, and every transaction, of either ORM."""

import json
from functools import cached_property
from typing import Any

import asyncpg
from sqlalchemy import ExceptionContext, event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.pool import Pool as EnginePool

from crossdock.address import Address
from crossdock.config.settings import PoolSettings
from crossdock.driver.dialect import DRIVER_NAME
from crossdock.driver.settings import DriverSettings
from crossdock.pools.checkout import Checkout, Pool
from crossdock.pools.connections import PooledConnection


class SqlAlchemyPool(Pool):
    """SQLAlchemy's engine in autocommit: BEGIN and COMMIT are ours to send, so none is ever sent late or twice."""

    orm = "sqlalchemy"

    def __init__(self, name: str, address: Address, settings: PoolSettings, driver: DriverSettings) -> None:
        self.name = name
        super().__init__(address, settings)
        self._driver = driver

    def sqlalchemy(self, checkout: Checkout) -> AsyncConnection:
        """Made when it is asked for: a document does without."""
        entry = checkout.connection.entry
        # In the place of SQLAlchemy's own mutex, before it sends anything: both ORMs queue on one lock. With a lock for
        # each of them asyncpg raises "another operation is in progress".
        entry.dbapi_connection._execute_mutex = checkout.lock
        # No `await` until it is taken back: another unit of work would get this connection.
        self._pass_through.entry = entry
        try:
            return AsyncConnection(self.engine, self.engine.sync_engine.connect())
        finally:
            self._pass_through.entry = None

    @property
    def _pass_through(self) -> "PassThroughPool":
        pool = self.engine.sync_engine.pool
        assert isinstance(pool, PassThroughPool)
        return pool

    async def _connect(self) -> PooledConnection:
        async with self.engine.connect() as connection:
            entry = connection.sync_connection.connection._connection_record  # type: ignore[union-attr]
        driver = entry.driver_connection
        return PooledConnection(driver, entry, await self._driver.prepare_session(driver))

    async def _new_driver(self, *_: Any, **arguments: Any) -> asyncpg.Connection:
        return await asyncpg.connect(
            **self.address.asyncpg(timeout_s=self.gate.timeout_s),
            **arguments,
            connection_class=self.connection_class,
        )

    @cached_property
    def engine(self) -> AsyncEngine:
        """Made with the first connection: by then it is known what the driver may use."""
        arguments = {"server_settings": {"application_name": self.address.named(self.name)}, **self._driver.asyncpg()}
        if not self._driver.prepared_statements:  # SQLAlchemy's cache too: with one left on, up to 44 % of calls failed
            arguments["prepared_statement_cache_size"] = 0  # behind PgBouncer 1.18
        engine = create_async_engine(
            f"{DRIVER_NAME}://",
            isolation_level="AUTOCOMMIT",
            poolclass=PassThroughPool,
            hide_parameters=True,  # what a statement carries is not for the log: amounts, names, kept answers
            pool_reset_on_return=None,  # a unit of work ends its own transaction before it gives the connection back
            json_serializer=lambda value: json.dumps(value, separators=(",", ":"), allow_nan=False),
            connect_args={"async_creator_fn": self._new_driver, **arguments},
        )
        event.listen(engine.sync_engine, "handle_error", _spare_the_others)
        return engine


def _spare_the_others(context: ExceptionContext) -> None:
    """A connection that broke is found closed when it comes back. SQLAlchemy would open all others of the pool anew,
    each at its next use, on which a unit of work has begun by then."""
    context.invalidate_pool_on_disconnect = False


class PassThroughPool(EnginePool):
    """What SQLAlchemy takes for its pool. Our own pool holds the connections, and knows whose session each has. This
    one hands SQLAlchemy the `entry` that is set, or opens a new one."""

    _is_asyncio = True
    entry: ConnectionPoolEntry | None = None

    def _do_get(self) -> ConnectionPoolEntry:
        return self.entry or self._create_connection()

    def _do_return_conn(self, record: ConnectionPoolEntry) -> None:
        """It stays where it is."""

    def recreate(self) -> "PassThroughPool":
        """The same: there is nothing in it that could be stale."""
        return self

    def dispose(self) -> None:
        """Nothing is here."""

    def status(self) -> str:
        return "held by Crossdock's pool"
