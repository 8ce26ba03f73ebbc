"""A connection on loan from a pool: what a unit of work needs of it, whichever ORM owns the pool."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from crossdock.kernel.address import Address
from crossdock.kernel.pools.gate import Gate
from crossdock.kernel.pools.loan import LoanLock
from crossdock.kernel.pools.tortoise_backend import Driver

log = structlog.get_logger(__name__)

Result = TypeVar("Result")


class Lease:
    """One driver connection, and the lock that all who use it queue on. `sqlalchemy` is None on the legacy pool."""

    __slots__ = ("broken", "driver", "handle", "mutex", "sqlalchemy")

    def __init__(self, driver: Driver, handle: Any, sqlalchemy: AsyncConnection | None = None) -> None:
        self.driver = driver
        self.mutex = LoanLock()
        self.handle = handle
        self.sqlalchemy = sqlalchemy
        self.broken = False

    def abandon(self) -> None:
        """The connection's state is unknown: close it hard, so that nobody gets it again."""
        self.broken = True
        self.driver.terminate()


class Pool(ABC):
    """A named pool behind a gate. `acquire` and `release` pair up; use `database.transaction()` instead of either."""

    name: str
    orm: str
    gate: Gate
    address: Address
    min_size: int

    @abstractmethod
    async def open(self) -> None:
        """Connects `min_size` connections. Raises what the driver raises when it cannot."""

    @abstractmethod
    async def close(self) -> None:
        """Closes every connection, waiting for none."""

    @abstractmethod
    async def _take(self) -> Lease:
        """A connection from the pool behind the gate."""

    @abstractmethod
    async def _give(self, lease: Lease) -> None:
        """Back to the pool behind the gate, or away when it is broken."""

    async def acquire(self) -> Lease:
        """Waits at the gate, then takes a connection. Raises PoolExhausted past the limit."""
        await self.gate.__aenter__()
        try:
            return await self._take()
        except BaseException:
            await self.gate.__aexit__(None, None, None)
            raise

    async def release(self, lease: Lease) -> None:
        """Gives the connection back. Cannot be interrupted: a cancelled request must not leak its slot."""
        try:
            await uninterrupted(self._give(lease))
        finally:
            await self.gate.__aexit__(None, None, None)

    @asynccontextmanager
    async def lease(self) -> AsyncIterator[Lease]:
        """A connection for the block, with no transaction and no tenant: what fails inside costs the connection."""
        lease = await self.acquire()
        try:
            yield lease
        except BaseException:
            lease.abandon()
            raise
        finally:
            await self.release(lease)

    async def ping(self) -> None:
        """One round trip. Raises when there is none."""
        async with self.lease() as lease:
            await lease.driver.execute("SELECT 1", timeout=self.gate.timeout_s)

    def describe(self) -> str:
        return f"{self.name} ({self.orm}) {self.min_size}-{self.gate.size} → {self.address}"


async def uninterrupted(work: Coroutine[Any, Any, Result]) -> Result:
    """Runs `work` to its end even when the caller is cancelled meanwhile; the cancellation is raised after it."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError as error:  # once by asyncio; by anyio at every turn of the loop until we go
            cancelled = error
    if cancelled is None:
        return task.result()
    if not task.cancelled() and (failure := task.exception()) is not None:
        log.warning("failed_while_cancelled", error=repr(failure))
    raise cancelled
