"""The only way to write."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crossdock.kernel.events.event import Event
from crossdock.kernel.events.outbox import outbox_rows
from crossdock.kernel.pools.lease import Lease, uninterrupted
from crossdock.kernel.schema.tables import OutboxRow
from crossdock.kernel.tenancy.scope import PLATFORM_ROLE, Tenant
from crossdock.kernel.transaction.appending import Appending, Row, append, append_alone
from crossdock.kernel.transaction.unit import Unit

log = structlog.get_logger(__name__)

OUTBOX = Appending(OutboxRow)


class Transaction(Unit):
    """Both ORMs, one commit: it happens when the block ends, before the response leaves.

    Where rows were added and nothing else was sent, they and their events are one statement, which needs no COMMIT.
    """

    _savepoints = 0
    _elevated = False

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self._events: list[Event] = []
        self._waiting: list[tuple[Appending, Row]] = []
        self._after_commit: list[Callable[[], Awaitable[None]]] = []

    @property
    def actor_id(self) -> UUID | None:
        """Who does it, for history rows: a user, or None when a clock or the platform does."""
        return self.scope.actor_id

    def emit(self, event: Event) -> None:
        """Puts an event in the outbox, in this transaction: it exists exactly when its effect does."""
        self._open()
        self._events.append(event)

    def add(self, table: Appending, row: Row) -> None:
        """As `Unit.add`."""
        self.append(table, [row])
        first = self._open().mutex.first
        if self._write_waiting not in first:
            first.append(self._write_waiting)

    def append(self, table: Appending, rows: Sequence[Row]) -> None:
        """As `Unit.append`: with the events, before the transaction goes on under other rights or ends."""
        self._open()
        self._waiting += ((table, row) for row in rows)

    def after_commit(self, work: Callable[[], Awaitable[None]]) -> None:
        """Runs `work` once the commit is certain. What it raises is logged: the change stands already.

        A caller that is cancelled while it commits does not come to it: what must follow a change is an event.
        """
        self._open()
        self._after_commit.append(work)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """What fails inside is undone alone, its events too. Without it the first error aborts the transaction."""
        await self._flush()  # what was done before is not the block's to undo
        events, works = len(self._events), len(self._after_commit)
        session = self._session  # one that is open already has to know, or it would lose what it holds
        try:
            async with self._savepoint() if session is None else self._savepoint_of(session):
                yield
                await self._flush()  # what it added is refused within it, and undone with it
        except BaseException:
            del self._events[events:], self._after_commit[works:], self._waiting[:]
            raise

    @staticmethod
    @asynccontextmanager
    async def _savepoint_of(session: AsyncSession) -> AsyncIterator[None]:
        async with session.begin_nested():
            await session.connection()  # sends SAVEPOINT: SQLAlchemy alone would, before its own first statement only
            yield

    @asynccontextmanager
    async def _savepoint(self) -> AsyncIterator[None]:
        self._savepoints += 1
        name = f"unit_{self._savepoints}"
        await self._command(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            if self._session is not None:
                self._session.expunge_all()
            await self._undo(f"ROLLBACK TO SAVEPOINT {name}; RELEASE SAVEPOINT {name}")
            raise
        await self._command(f"RELEASE SAVEPOINT {name}")

    @asynccontextmanager
    async def as_platform(self, reason: str) -> AsyncIterator[None]:
        """Runs the block with the platform's rights, in the same transaction: for effects that cross tenants.

        The verb has checked the tenant's own right before, with the tenant's own eyes. Nested blocks stay the platform.
        The rights go back before the next statement that anybody sends; most blocks are the last, and need not send it.
        """
        if self.scope.role == PLATFORM_ROLE or self._elevated:
            yield
            return
        log.debug("elevated", reason=reason)
        await self._flush()  # what the tenant added is written with the tenant's rights
        self._elevated = True
        try:
            await self._become_platform()
            yield
            await self._flush()
            self._open().mutex.first.append(self._become_tenant)
        except BaseException:
            # An error of PostgreSQL aborts the transaction: it takes nothing but a rollback, to a savepoint or to the
            # start, and the role goes back with it. Where it is not aborted the role is given back here.
            await self._undo(f"SET LOCAL ROLE {self.scope.role}")
            raise
        finally:
            self._elevated = False

    async def _become_platform(self) -> None:
        lease = self._open()
        await lease.mutex.acquire_at_once()
        try:
            if self._become_tenant in lease.mutex.first:  # a block before this one has not given the rights back yet
                lease.mutex.first.remove(self._become_tenant)
                return
        finally:
            lease.mutex.release()
        await self._command(f"SET LOCAL ROLE {PLATFORM_ROLE}")

    async def _become_tenant(self) -> None:
        await self._open().driver.execute(f"SET LOCAL ROLE {self.scope.role}")

    async def _command(self, sql: str) -> None:
        lease = self._open()
        async with lease.mutex:
            await lease.driver.execute(sql)

    async def _undo(self, sql: str) -> None:
        """Cannot be interrupted, and hides no error: where it fails, the whole transaction is lost."""
        with suppress(Exception):
            await uninterrupted(self._command(sql))

    async def _flush(self) -> None:
        await super()._flush()
        if self._waiting:
            async with self._open().mutex:
                await self._write_waiting()

    async def _before_commit(self) -> None:
        await super()._flush()
        mutex = self._open().mutex
        tenants_own = bool(self._waiting)
        self._waiting += ((OUTBOX, row) for row in outbox_rows(self._events, self.scope, self.clock.now()))
        if self._begin_late in mutex.first:
            if not self._waiting:  # its guard is asked all the same
                await self._command("SELECT")
        elif self._waiting:
            # Events alone the platform may add too, in the tenant's name: the rights need not go back for them.
            await (mutex.acquire() if tenants_own else mutex.acquire_at_once())
            try:
                await self._write_waiting()
            finally:
                mutex.release()

    async def _write_waiting(self) -> None:
        lease, waiting = self._open(), tuple(self._waiting)
        if waiting:
            await append(lease.driver, waiting)
            del self._waiting[: len(waiting)]  # not before: whoever was interrupted may go on, and commit

    async def _commit(self, lease: Lease) -> str:
        waiting, self._waiting = self._waiting, []
        if waiting and isinstance(self.scope, Tenant) and not lease.driver.is_in_transaction():
            await append_alone(lease.driver, waiting, self.scope)
            self._guard_passed()
            return ""
        if waiting:  # a task that outlived the block has begun the transaction since
            await append(lease.driver, waiting)
        return await super()._commit(lease)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await super().__aexit__(kind, error, trace)
        for work in self._after_commit if error is None else ():
            try:
                await work()
            except Exception:
                log.exception("after_commit_failed")
