"""The only way to write."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from crossdock.driver.lock import Step
from crossdock.driver.savepoint import Savepoint
from crossdock.errors import ProgrammingError
from crossdock.events.event import Event
from crossdock.events.outbox import outbox_rows
from crossdock.models.tables import OutboxRow
from crossdock.pools.checkout import Checkout, Pool
from crossdock.tenancy.scope import PLATFORM_ROLE, Scope, Tenant
from crossdock.transaction.appending import Addition, Appending, Row, Statement
from crossdock.transaction.unit import Unit

if TYPE_CHECKING:
    from crossdock.transaction.database import Database

log = structlog.get_logger(__name__)

OUTBOX = Appending(OutboxRow)


class Transaction(Unit):
    """Both ORMs, one commit: it happens when the block ends, before the response is sent.

    Where rows were added and nothing else was sent, they and their events are one statement, which needs no COMMIT.
    """

    _elevated = False

    def __init__(self, database: "Database", scope: Scope, pool: Pool, *, elevates: bool) -> None:
        super().__init__(database, scope, pool)
        self._elevates = elevates
        self._events: list[Event] = []
        self._alone: tuple[Addition, Statement] | None = None
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
        self._open().lock.make_due()

    def append(self, table: Appending, rows: Sequence[Row]) -> None:
        """As `Unit.append`: with the events, before the transaction goes on under other rights or ends."""
        checkout = self._open()
        copies = [dict(row) for row in rows]  # all or none, and a mapping may be used again for the next row
        if copies:
            _addition(checkout).extend(table, copies)

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
        checkout = self._open()
        events, works = len(self._events), len(self._after_commit)
        try:
            async with Savepoint(checkout.driver, checkout.lock):
                events, works = len(self._events), len(self._after_commit)  # some may have come while it waited
                async with self._sessions_savepoint():
                    yield
                    await self._flush()  # what it added is refused within it, and undone with it
                    async with checkout.lock.caught_up():
                        pass  # so are the rows that wait
        except BaseException:
            del self._events[events:], self._after_commit[works:]
            raise

    @asynccontextmanager
    async def _sessions_savepoint(self) -> AsyncIterator[None]:
        """A session has to know of it, or it would lose or keep the wrong objects. It is one more inside of ours: a
        failed flush ends SQLAlchemy's, and what came after would be nobody's to undo."""
        if self._session is not None:
            async with self._session.begin_nested():
                yield
            return
        try:
            yield
        except BaseException:
            if self._session is not None:  # opened inside
                self._session.expunge_all()
                await self._session.rollback()  # its own state alone: nothing is sent
            raise

    @asynccontextmanager
    async def as_platform(self, reason: str) -> AsyncIterator[None]:
        """Runs the block with the platform's rights, in the same transaction: for effects that cross tenants.

        Only in a transaction that was opened with `elevates=True`: raises ProgrammingError in others, whose login could
        not take on the platform's role. The verb has checked the tenant's own right before, with the tenant's own eyes.
        Nested blocks stay the platform.
        Rights come and go with the statements that they are for: what was added before the block is written with the
        tenant's, what is added inside with the platform's, whenever it is written, and what comes after it as before.
        They are the transaction's: another task that works in it meanwhile has them too.
        """
        if self.scope.role == PLATFORM_ROLE or self._elevated:
            yield
            return
        if not self._elevates:
            raise ProgrammingError("The platform's rights need `database.transaction(scope, elevates=True)`.")
        log.debug("elevated", reason=reason)
        await self._flush()
        events = len(self._events)
        self._elevated = True
        self._postpone_rights(self._become_platform, instead_of=self._become_tenant)
        try:
            yield
            await self._flush()
            self._append_events(since=events)
        finally:
            # Where PostgreSQL has refused something inside, it takes nothing but a rollback now, to a savepoint or to
            # the start: the role goes back with it, and nothing is postponed any more.
            self._postpone_rights(self._become_tenant, instead_of=self._become_platform)
            self._elevated = False

    def _append_events(self, since: int = 0) -> None:
        """To the rows that wait. What was done with the platform's rights is told with them: the tenant may not."""
        events = self._events[since:]
        if events:
            del self._events[since:]
            _addition(self._lease).extend(OUTBOX, outbox_rows(events, self.scope, self.clock.now()))

    def _postpone_rights(self, step: Step, *, instead_of: Step) -> None:
        lock = self._open().lock
        lock.rights = step
        if not lock.take_back(instead_of):
            lock.postpone(step)

    async def _become_platform(self) -> None:
        await self._lease.driver.execute(f"SET LOCAL ROLE {PLATFORM_ROLE}")

    async def _become_tenant(self) -> None:
        await self._lease.driver.execute(f"SET LOCAL ROLE {self.scope.role}")

    async def _before_commit(self, checkout: Checkout) -> None:
        lock = checkout.lock
        lock.take_back(self._become_tenant)  # the platform may write the tenant's events too
        self._append_events()
        match lock.postponed:
            case [self._begin_late, Addition() as rows] if lock.is_untouched and isinstance(self.scope, Tenant):
                self._alone = rows, rows.alone(self.scope, self._signature(checkout))
            case _:
                await lock.send_postponed()

    async def _commit(self, checkout: Checkout) -> str:
        if self._alone is None:
            return await super()._commit(checkout)
        rows, statement = self._alone
        await rows.send(statement)
        self._guard_passed()
        return ""

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await super().__aexit__(kind, error, trace)
        for work in self._after_commit if error is None else ():
            try:
                await work()
            except Exception:
                log.exception("after_commit_failed")


def _addition(checkout: Checkout) -> Addition:
    """The last step that is postponed, so that rows are written together, and with the rights of their time."""
    last = checkout.lock.last
    if not isinstance(last, Addition):
        last = Addition(checkout.driver)
        checkout.lock.postponed.append(last)
    return last
