"""A connection that is checked out of a pool: what a unit of work needs of it, whichever ORM owns the pool."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from crossdock.address import Address
from crossdock.config.settings import PoolSettings
from crossdock.driver.lock import ConnectionLock
from crossdock.driver.settings import Driver
from crossdock.errors import DatabaseUnavailable
from crossdock.pools.connections import PooledConnection, PooledConnections
from crossdock.pools.gate import Gate


class Checkout:
    """One connection for one unit of work, and the lock that all its statements queue on."""

    __slots__ = ("broken", "connection", "driver", "lock")

    def __init__(self, connection: PooledConnection) -> None:
        self.connection = connection
        self.driver: Driver = connection.driver
        self.lock = ConnectionLock()
        self.broken = False

    def abandon(self) -> None:
        """The connection's state is unknown: closes it without a word to the server, so that nobody gets it again.

        PostgreSQL rolls back what is open on it.
        """
        # Before `terminate`, which talks to a driver in an unknown state: `release` looks at this.
        self.broken = True
        self.driver.terminate()


class Pool(ABC):
    """A named pool behind a gate. `acquire` and `release` pair up; use `database.transaction()` instead of either."""

    name: str
    orm: str
    connection_class: type[asyncpg.Connection] = asyncpg.Connection
    """Tracing puts its own here, before the pool is opened."""

    def __init__(self, address: Address, settings: PoolSettings) -> None:
        self.address = address
        self.min_size = settings.min_size
        self.gate = Gate(self.name, settings.max_size, timeout_s=settings.timeout_s, waiting_max=settings.waiting_max)
        self.can_connect = True
        """Whether it could when it last had to."""
        self._connections = PooledConnections()
        self._is_closed = False

    @abstractmethod
    async def _connect(self) -> PooledConnection:
        """A new connection. Raises what the driver raises."""

    def sqlalchemy(self, _checkout: Checkout) -> AsyncConnection | None:
        """SQLAlchemy on a connection that is checked out; None on a pool that SQLAlchemy has no part in.

        Close it before the connection is released.
        """
        return None

    async def open(self) -> None:
        """Connects `min_size` connections. Raises what the driver raises when it cannot."""
        for _ in range(self.min_size):
            self._connections.give(await self._add())

    async def close(self) -> None:
        """Closes every connection, those in use too, waiting for none."""
        # First: whoever is connecting right now looks at it afterwards, and closes its own.
        self._is_closed = True
        for connection in self._connections:
            self._connections.drop(connection)
            connection.driver.terminate()

    async def acquire(self, tenant: Hashable = None) -> Checkout:
        """Waits at the gate, in the queue of its tenant, and takes a connection. Raises PoolExhausted past a limit."""
        await self.gate.enter(tenant)
        try:
            # Under the gate, so that there is always room: no more connections are open than there are slots.
            return Checkout(self._connections.take() or await self._add())
        except BaseException:
            # A cancellation while it connects too: without this line the slot would be taken for ever.
            self.gate.leave()
            raise

    def release(self, checkout: Checkout) -> None:
        """Gives the connection back. It cannot fail, and has no `await`: a cancelled request cannot leak it."""
        if not (checkout.broken or checkout.driver.is_closed()) and checkout.driver.is_in_transaction():
            checkout.abandon()  # the next unit of work would go on in this one's transaction, as its tenant
        if checkout.broken or checkout.driver.is_closed():
            self._connections.drop(checkout.connection)
        else:
            self._connections.give(checkout.connection)
        # Last: whoever is let in takes a connection at once.
        self.gate.leave()

    async def _add(self) -> PooledConnection:
        try:
            connection = await self._connect()
        except Exception:
            self.can_connect = False
            raise
        self.can_connect = True
        if self._is_closed:  # while it connected: `close` has not seen it, and nobody else would close it
            connection.driver.terminate()
            raise DatabaseUnavailable("The pool was closed.")
        self._connections.add(connection)
        return connection

    @asynccontextmanager
    async def checkout(self) -> AsyncIterator[Checkout]:
        """A connection for the block, with no transaction and no tenant. A kept session is closed after it: the
        block may have set anything in it."""
        async with self._checked_out() as checkout:
            yield checkout
            if checkout.connection.keeps_session:
                checkout.abandon()

    async def ping(self) -> None:
        """One round trip. Raises when there is none."""
        async with self._checked_out() as checkout:
            await checkout.driver.execute("SELECT 1", timeout=self.gate.timeout_s)

    @asynccontextmanager
    async def _checked_out(self) -> AsyncIterator[Checkout]:
        checkout = await self.acquire()
        try:
            yield checkout
        except BaseException:
            checkout.abandon()
            raise
        finally:
            self.release(checkout)

    def describe(self) -> str:
        return f"{self.name} ({self.orm}) {self.min_size}-{self.gate.size} as {self.address.user}"
