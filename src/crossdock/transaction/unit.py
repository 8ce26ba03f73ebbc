"""A unit of work: one connection, one BEGIN with the tenant in it, one end. Reading and writing differ in the end."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from types import TracebackType
from typing import Any, NoReturn, Self, TypeVar

import structlog
from asyncpg import PostgresError
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from crossdock.clock import Clock
from crossdock.driver.compiled import Compiled
from crossdock.driver.lock import NOTHING, Turn
from crossdock.driver.savepoint import Savepoint
from crossdock.driver.tortoise_client import UnitClient
from crossdock.driver.uninterrupted import uninterrupted
from crossdock.errors import (
    ConnectionRevoked,
    CrossdockError,
    DatabaseUnavailable,
    OutcomeUnknown,
    ProgrammingError,
    TransactionAborted,
)
from crossdock.guards.watch import Watch
from crossdock.pools.checkout import Checkout, Pool
from crossdock.tenancy import Scope, Tenant
from crossdock.transaction.begin import Begin
from crossdock.transaction.environment import Environment
from crossdock.transaction.faults import driver_error, fail, is_lost, was_refused, was_refused_by_guard
from crossdock.transaction.pending import Pending
from crossdock.transaction.session import UnitSession
from crossdock.transaction.stores import draw

log = structlog.get_logger(__name__)

Setting = TypeVar("Setting")

SENDING = "before_cursor_execute"
"""SQLAlchemy's event before each statement of its own."""
BEGIN_ATTEMPTS = 3
"""A connection whose backend was ended while it lay in the pool is found out by BEGIN; nothing has happened yet, so the
next one is taken. More tries would only prolong an outage."""


class Status(StrEnum):
    """Where a unit of work is in its life."""

    NEW = "new"
    """Its block has not begun."""
    OPEN = "open"
    CLOSED = "closed"
    """Its block has ended. It may still commit or roll back, and nobody else can use it any more."""


class Unit:
    """`async with` it once. Tortoise's models and `sql` both run on its connection while it lasts, and not after.

    For a tenant whose connection keeps its session, BEGIN waits for the first statement: one that is alone brings its
    tenant with it, and needs none. For the platform, and behind a pooler, it is sent at once.
    """

    read_only = False
    snapshot = False
    """Whether all its statements see the data of one moment (REPEATABLE READ)."""

    def __init__(self, environment: Environment, scope: Scope, pool: Pool) -> None:
        environment.tenancy.check(scope)
        self._environment = environment
        self._pool = pool
        self._status = Status.NEW
        self._checkout: Checkout
        self._pending: Pending
        self._watch: Watch | None = None
        self._connection: AsyncConnection | None = None
        self._session: AsyncSession | None = None
        self.scope = scope
        self.drawn = draw()
        """By which it is chosen for a share of the units of work, where no tenant is."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._status} on {self._pool.name} as {self.scope}>"

    @property
    def clock(self) -> Clock:
        return self._environment.clock

    @property
    def sql(self) -> AsyncConnection:
        """SQLAlchemy's connection, in this transaction. Its own commit and rollback do nothing: the block decides."""
        checkout = self._open()
        if self._connection is None:
            self._connection = self._pool.sqlalchemy(checkout)
            if self._watch is not None and self._connection is not None:
                self._watch.listen(self._connection)
        if self._connection is None:
            raise ProgrammingError(
                "A read of a Tortoise module runs on the pool 'tortoise': SQLAlchemy does not reach it."
            )
        return self._connection

    @property
    def session(self) -> AsyncSession:
        """An ORM session on the same connection, flushed before the end of the block."""
        connection = self.sql
        if self._session is None:
            self._session = AsyncSession(connection, sync_session_class=UnitSession, expire_on_commit=False)
        return self._session

    async def first(self, sql: str, arguments: Sequence[Any]) -> Any:
        """The first row of a statement in PostgreSQL's own words ($1, $2), or None: on the driver, past both ORMs."""
        checkout = self._open()
        async with checkout.lock:
            return await checkout.driver.fetchrow(sql, *arguments)

    async def rows(self, statement: Compiled, **values: Any) -> list[Any]:
        """The rows of a compiled statement, by column name: on the driver, where a read is too hot for SQLAlchemy."""
        checkout = self._open()
        async with checkout.lock:
            found: list[Any] = await checkout.driver.fetch(statement.sql, *statement.arguments(values))
        return found

    def undoable(self) -> Savepoint:
        """A savepoint that knows nothing of events and of sessions: `async with` it, or call its commands."""
        checkout = self._open()
        return Savepoint(checkout.driver, checkout.lock)

    def turn(self) -> AbstractContextManager[Turn]:
        """Tasks that begin in the block have no part in this unit of work after it."""
        return self._open().lock.turn()

    @property
    def statements(self) -> int:
        """How many statements were sent so far, by both ORMs."""
        return self._open().lock.statements

    @contextmanager
    def logging(self, log: Callable[[str], None]) -> Iterator[None]:
        """Hands the text of each statement to `log`, without its values, for as long as the block lasts.

        The driver hands over a text as soon as the loop runs again, at the next statement at the latest.
        """
        driver, connection = self._open().driver, self.sql.sync_connection

        def hear(sent: Any) -> None:
            log(sent.query)

        def hear_sqlalchemy(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            log(statement)

        driver.add_query_logger(hear)
        # SQLAlchemy prepares its statements, and the driver logs no prepared ones.
        event.listen(connection, SENDING, hear_sqlalchemy)
        try:
            yield
        finally:
            event.remove(connection, SENDING, hear_sqlalchemy)
            driver.remove_query_logger(hear)

    def settings(self, kind: type[Setting]) -> Setting:
        """A module's own settings."""
        found: Any = self._environment.module_settings[kind]
        assert isinstance(found, kind)
        return found

    async def __aenter__(self) -> Self:
        if self._status is not Status.NEW:
            raise ProgrammingError(f"A unit of work is used once, and this one is {self._status}.")
        self._watch = self._environment.guards.watch(self._pool.name)
        checkout = await self._begin()
        # No `await` from here on: a cancellation would find the connection checked out, and nobody to give it back.
        if self._watch is not None:
            checkout.driver = self._watch.driver(checkout.driver)
            self._watch.begin()
        self._entered = self._environment.tortoise.enter(UnitClient(checkout.driver, checkout.lock))
        self._status = Status.OPEN
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failure = error
        try:
            # First, and without an `await`: models used after this line find no connection, or the outer unit's.
            self._entered.leave()
            if self._watch is not None:
                self._watch.end()
            if failure is None:
                await self._flush()
        except BaseException as raised:
            failure = failure or raised
        await self._end(failure)
        if failure is not None:
            self._fail(failure)

    def _fail(self, failure: BaseException) -> NoReturn:
        fail(failure)

    def _watched(self, store: Any) -> Any:
        return store if self._watch is None else self._watch.store(store)

    def _open(self) -> Checkout:
        if self._status is not Status.OPEN:
            raise ProgrammingError(f"This unit of work is {self._status}: open one of your own.")
        if self._checkout.lock.is_past_turn:
            raise ConnectionRevoked
        return self._checkout

    async def _flush(self) -> None:
        if self._session is not None:
            await self._session.flush()

    async def _begin(self) -> Checkout:
        environment, scope = self._environment, self.scope
        is_tenant = isinstance(scope, Tenant)
        if environment.signer.lacks_key and is_tenant:
            await environment.take_key()
        role, queue = environment.tenancy.role_of(scope), environment.tenancy.queue_of(scope)
        begin = Begin(environment, scope, read_only=self.read_only, snapshot=self.snapshot)
        for attempt in range(1, BEGIN_ATTEMPTS + 1):
            try:
                checkout = self._checkout = await self._pool.acquire(queue)
            except Exception as error:
                _fail_to_connect(error)
            if checkout.connection.keeps_session and is_tenant and not self.snapshot:
                self._pending = checkout.lock.pending = Pending(checkout, role, begin)
                return checkout
            self._pending = checkout.lock.pending = Pending(checkout, role)
            try:
                await begin.send(checkout)
                return checkout
            except BaseException as error:
                # Shielded: a cancellation here must not leave a slot of the pool taken for ever.
                await uninterrupted(self._give_up(checkout, error))
                if attempt == BEGIN_ATTEMPTS or not is_lost(error):
                    fail(error)
        raise AssertionError("unreachable")

    async def _give_up(self, checkout: Checkout, error: BaseException) -> None:
        """A connection on which the unit could not begin. A guard's refusal says nothing against it."""
        try:
            if was_refused_by_guard(error):
                await checkout.connection.driver.execute("ROLLBACK")
            else:
                checkout.abandon()
        except Exception:
            checkout.abandon()
        finally:
            checkout.lock.pending = NOTHING  # cuts the circle, as the end does
            self._pool.release(checkout)

    async def _end(self, failure: BaseException | None) -> None:
        # At once: whatever another task of this unit adds from now on is refused, and not forgotten.
        self._status = Status.CLOSED
        await uninterrupted(self._end_on(self._checkout, failure))

    async def _end_on(self, checkout: Checkout, failure: BaseException | None) -> None:
        """Revokes the connection, ends the transaction, then gives the connection back: in that order, whatever
        fails."""
        lock = checkout.lock
        try:
            # Waits for a statement that a background task has begun. Not `acquire`: after a failure, what is pending
            # must not be sent.
            await lock.acquire_unflushed()
            try:
                # Before COMMIT: a statement that waits for the lock by now would run after it, in no transaction.
                lock.revoke()
                await self._finish(checkout, failure)
            finally:
                # Pending work names the connection, which has this lock: a circle. Cut here, it costs the garbage
                # collector nothing.
                lock.pending = NOTHING
                lock.release()
                await self._close_sqlalchemy()
        finally:
            # The last thing: from here on another unit of work may have the connection.
            self._pool.release(checkout)

    async def _finish(self, checkout: Checkout, failure: BaseException | None) -> None:
        if failure is None:
            try:
                await self._before_commit(checkout)
            except BaseException as error:
                await self._undo(checkout, error)
                fail(error)
            await self._keep(checkout)
        else:
            await self._undo(checkout, failure)

    async def _before_commit(self, checkout: Checkout) -> None:
        """Sends the last statements, which may still be refused. The lock is held."""

    async def _undo(self, checkout: Checkout, failure: BaseException) -> None:
        try:
            if checkout.driver.is_in_transaction():
                # ROLLBACK leaves a session's advisory locks alone: the next unit of work would hold them.
                await checkout.connection.driver.execute("ROLLBACK; SELECT pg_advisory_unlock_all()")
            elif not _is_harmless(failure):
                # A statement may have been cut off, as by a cancellation, and PostgreSQL may be at work on it still.
                checkout.abandon()
        except BaseException:
            checkout.abandon()  # the server rolls back when the connection goes

    async def _keep(self, checkout: Checkout) -> None:
        # Before COMMIT is sent: here it is certain that nothing was written, and after it nobody knows.
        if checkout.driver.is_closed():
            raise DatabaseUnavailable
        try:
            status = await self._commit(checkout)
        except BaseException as error:
            # Unless PostgreSQL has answered no and has ended the transaction, its state is unknown.
            if checkout.driver.is_closed() or not was_refused(error) or checkout.driver.is_in_transaction():
                checkout.abandon()
            if was_refused(error):  # as by a deferred constraint: nothing was written
                fail(error)
            raise OutcomeUnknown from error
        if checkout.driver.is_in_transaction():
            raise OutcomeUnknown("The transaction is open after its end.")
        if status == "ROLLBACK":  # PostgreSQL's answer to COMMIT when an error inside was swallowed
            raise TransactionAborted

    async def _commit(self, checkout: Checkout) -> str:
        if not checkout.driver.is_in_transaction():
            return ""  # a reading whose BEGIN was not needed
        restores = checkout.connection.keeps_session and isinstance(self.scope, Tenant)
        end = self._environment.commit_and_restore if restores else "COMMIT"
        return await checkout.connection.driver.execute(end)

    async def _close_sqlalchemy(self) -> None:
        """Closes SQLAlchemy's objects, which somebody may have kept. It sends nothing: the transaction has ended."""
        if self._session is not None:
            self._session.expunge_all()
        if self._connection is not None:
            await self._connection.close()


def _fail_to_connect(error: Exception) -> NoReturn:
    if isinstance(driver_error(error), PostgresError):  # it refuses the connection, whatever for
        raise DatabaseUnavailable from error
    fail(error)


def _is_harmless(failure: BaseException) -> bool:
    """Whether it left the connection as it was: a rule of ours failed, or PostgreSQL said no."""
    return isinstance(failure, CrossdockError) or was_refused(driver_error(failure))
