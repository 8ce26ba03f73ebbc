"""A unit of work: one connection, one BEGIN with the tenant in it, one end. Reading and writing differ in the end only."""

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

import asyncpg
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from crossdock.kernel.clock import Clock
from crossdock.kernel.errors import OutcomeUnknown, ProgrammingError
from crossdock.kernel.pools.lease import Lease, Pool, uninterrupted
from crossdock.kernel.pools.tortoise_backend import LentClient, LentConnection
from crossdock.kernel.tenancy.scope import Scope, begin_sql
from crossdock.kernel.transaction.faults import UNAVAILABLE, driver_error, translate

if TYPE_CHECKING:
    from crossdock.kernel.transaction.database import Database

log = structlog.get_logger(__name__)

Store = TypeVar("Store")
Setting = TypeVar("Setting")

BEGIN_ATTEMPTS = 3
"""A connection whose backend was ended while it lay in the pool is found out by BEGIN; nothing has happened yet, so the
next one is taken. More tries would only prolong an outage."""


class Unit:
    """`async with` it once. Tortoise's models and `sql` both run on its connection while it lasts, and not after."""

    read_only = False

    def __init__(self, database: "Database", scope: Scope, pool: Pool) -> None:
        self._database = database
        self._pool = pool
        self._lease: Lease | None = None
        self._session: AsyncSession | None = None
        self.scope = scope

    def __repr__(self) -> str:
        state = "closed" if self._lease is None else "open"
        return f"<{type(self).__name__} {state} on {self._pool.name} as {self.scope}>"

    @property
    def clock(self) -> Clock:
        return self._database.clock

    @property
    def sql(self) -> AsyncConnection:
        """SQLAlchemy's connection, in this transaction. Its own commit and rollback do nothing: the block decides."""
        connection = self._open().sqlalchemy
        if connection is None:
            raise ProgrammingError("A read of a Tortoise module runs on the legacy pool, which SQLAlchemy does not reach.")
        return connection

    @property
    def session(self) -> AsyncSession:
        """An ORM session on the same connection, flushed before the end of the block."""
        if self._session is None:
            self._session = AsyncSession(self.sql, expire_on_commit=False)
        return self._session

    def store(self, contract: type[Store]) -> Store:
        """The store that fulfils a contract today, working in this unit."""
        _, implementation = self._database.registry.store(contract)
        store: Store = implementation(self)
        return store

    def settings(self, kind: type[Setting]) -> Setting:
        """A module's own settings."""
        found: Any = self._database.module_settings[kind]  # type: ignore[index]
        assert isinstance(found, kind)
        return found

    async def __aenter__(self) -> Self:
        if self._lease is not None:
            raise ProgrammingError("This unit of work is open already.")
        lease = await self._begin()
        self._lent = LentConnection(lease.driver)
        self._entered = self._database.legacy.enter(LentClient(self._lent, lease.mutex))
        self._lease = lease
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failure = error
        try:
            if failure is None:
                await self._before_commit()
        except BaseException as raised:
            failure = raised
            raise translate(raised) from raised
        finally:
            self._entered.leave()
            await self._end(commit=failure is None)
        if failure is not None and (told := translate(failure)) is not failure:
            raise told from failure

    def _open(self) -> Lease:
        if self._lease is None:
            raise ProgrammingError("This unit of work has ended: open one of your own.")
        return self._lease

    async def _before_commit(self) -> None:
        if self._session is not None:
            await self._session.flush()

    async def _begin(self) -> Lease:
        sql = begin_sql(
            self.scope, self._database.limits, read_only=self.read_only, search_path=self._database.search_path
        )
        for attempt in range(1, BEGIN_ATTEMPTS + 1):
            try:
                lease = await self._pool.acquire()
            except Exception as error:
                raise translate(error) from error
            try:
                await lease.driver.execute(sql)
                # SQLAlchemy alone would send BEGIN with the first statement, and Tortoise's writes before it would commit
                # by themselves. This must hold before anything is lent.
                if not lease.driver.is_in_transaction():
                    raise ProgrammingError("BEGIN was sent and no transaction is open.")
                return lease
            except BaseException as error:
                lease.abandon()
                await self._pool.release(lease)
                if attempt == BEGIN_ATTEMPTS or not isinstance(driver_error(error), UNAVAILABLE):
                    raise translate(error) from error
        raise AssertionError("unreachable")

    async def _end(self, *, commit: bool) -> None:
        lease, self._lease = self._open(), None
        await uninterrupted(self._end_on(lease, commit=commit))

    async def _end_on(self, lease: Lease, *, commit: bool) -> None:
        """Revokes what was lent, then ends the transaction, then gives the connection back: in that order, whatever fails.

        The mutex is held: a statement that a background task began is waited for, one that it begins later is refused.
        """
        try:
            async with lease.mutex:
                self._lent.revoke()
                await self._finish(lease, commit=commit)
        finally:
            if self._session is not None:
                self._session.expunge_all()
            await self._pool.release(lease)

    async def _finish(self, lease: Lease, *, commit: bool) -> None:
        timeout_s = self._database.limits.statement_timeout_ms / 1000
        try:
            status = await lease.driver.execute("COMMIT" if commit else "ROLLBACK", timeout=timeout_s)
        except BaseException as error:
            lease.abandon()  # a ROLLBACK that fails is done by the server when the connection goes
            if commit and isinstance(error, asyncpg.PostgresError) and not isinstance(error, UNAVAILABLE):
                raise translate(error) from error  # PostgreSQL refused it, as a deferred constraint does: nothing was written
            if commit:
                raise OutcomeUnknown from error
            return
        if commit and status != "COMMIT":  # PostgreSQL answers ROLLBACK when an error inside was swallowed
            raise ProgrammingError("The transaction was aborted inside: wrap what may fail in `tx.savepoint()`.")


class Reading(Unit):
    """A read-only unit, on the pool of the ORM that holds the truth."""

    read_only = True
