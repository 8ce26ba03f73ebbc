"""A connection on loan from a pool: what a unit of work needs of it, whichever ORM owns the pool."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection

from crossdock.address import Address
from crossdock.config.settings import PoolSettings
from crossdock.driver.lock import LoanLock
from crossdock.driver.settings import Driver
from crossdock.errors import DatabaseUnavailable
from crossdock.pools.gate import Gate
from crossdock.pools.link import Link, Links


class Lease:
    """One connection for one user, and the lock that all who use it queue on."""

    __slots__ = ("broken", "driver", "link", "mutex")

    def __init__(self, link: Link) -> None:
        self.link = link
        self.driver: Driver = link.driver
        self.mutex = LoanLock()
        self.broken = False

    def abandon(self) -> None:
        """The connection's state is unknown: close it hard, so that nobody gets it again."""
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
        self._links = Links()
        self._is_closed = False

    @abstractmethod
    async def _connect(self) -> Link:
        """A new connection. Raises what the driver raises."""

    def sqlalchemy(self, _lease: Lease) -> AsyncConnection | None:
        """SQLAlchemy on a leased connection, to be closed before it is released; None where SQLAlchemy has no part."""
        return None

    async def open(self) -> None:
        """Connects `min_size` connections. Raises what the driver raises when it cannot."""
        for _ in range(self.min_size):
            self._links.give(await self._add())

    async def close(self) -> None:
        """Closes every connection, those in use too, waiting for none."""
        self._is_closed = True
        for link in self._links:
            self._links.drop(link)
            link.driver.terminate()

    async def acquire(self, company_id: UUID | None = None) -> Lease:
        """Waits at the gate, in the queue of its company, and takes a connection. Raises PoolExhausted past a limit."""
        await self.gate.enter(company_id)
        try:
            return Lease(self._links.take() or await self._add())
        except BaseException:
            self.gate.leave()
            raise

    def release(self, lease: Lease) -> None:
        """Gives the connection back. It cannot fail and waits for nothing, so that no cancelled request leaks it."""
        if not (lease.broken or lease.driver.is_closed()) and lease.driver.is_in_transaction():
            lease.abandon()  # its next user would work as its last
        if lease.broken or lease.driver.is_closed():
            self._links.drop(lease.link)
        else:
            self._links.give(lease.link)
        self.gate.leave()

    async def _add(self) -> Link:
        try:
            link = await self._connect()
        except Exception:
            self.can_connect = False
            raise
        self.can_connect = True
        if self._is_closed:  # meanwhile: nobody would ever end it
            link.driver.terminate()
            raise DatabaseUnavailable("The pool was closed.")
        self._links.add(link)
        return link

    @asynccontextmanager
    async def lease(self) -> AsyncIterator[Lease]:
        """A connection for the block, with no transaction and no tenant. A session that units of work rely on is closed
        after it: who knows what was set."""
        async with self._leased() as lease:
            yield lease
            if lease.link.keeps_session:
                lease.abandon()

    async def ping(self) -> None:
        """One round trip. Raises when there is none."""
        async with self._leased() as lease:
            await lease.driver.execute("SELECT 1", timeout=self.gate.timeout_s)

    @asynccontextmanager
    async def _leased(self) -> AsyncIterator[Lease]:
        lease = await self.acquire()
        try:
            yield lease
        except BaseException:
            lease.abandon()
            raise
        finally:
            self.release(lease)

    def describe(self) -> str:
        return f"{self.name} ({self.orm}) {self.min_size}-{self.gate.size} → {self.address}"
