"""A unit of work that writes, on both ORMs, with one COMMIT. There is no other access to write by."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, TypeVar

import structlog

from crossdock.driver.compiled import Compiled
from crossdock.driver.savepoint import Savepoint
from crossdock.errors import ProgrammingError
from crossdock.events.event import Event
from crossdock.events.outbox import outbox_rows
from crossdock.models.tables import OwnTables
from crossdock.pools.checkout import Checkout, Pool
from crossdock.tenancy import Scope, Tenant
from crossdock.transaction.appending import Appending, InsertRows, Row, Statement
from crossdock.transaction.begin import Begin, passed_guard
from crossdock.transaction.environment import Environment
from crossdock.transaction.unit import Unit

log = structlog.get_logger(__name__)

Store = TypeVar("Store")


class Transaction(Unit):
    """Both ORMs, one commit: it happens when the block ends, before the response is sent.

    Where rows were added and nothing else was sent, they and their events are one statement, which needs no COMMIT.
    """

    _elevated = False

    def __init__(self, environment: Environment, scope: Scope, pool: Pool, *, elevates: bool) -> None:
        super().__init__(environment, scope, pool)
        self._elevates = elevates
        self._events: list[Event] = []
        self._alone: tuple[InsertRows, Statement] | None = None
        self._after_commit: list[Callable[[], Awaitable[None]]] = []

    @property
    def actor_id(self) -> Any:
        """Who does it, for history rows: a user, or None when a clock or the platform does."""
        return self.scope.actor_id

    @property
    def own_tables(self) -> OwnTables:
        """The library's own tables."""
        return self._environment.own_tables

    @property
    def tenant_key(self) -> dict[str, Any]:
        """Whose the rows are that it writes, by column: empty without tenants, None in each for the platform."""
        return self._environment.tenancy.key_of(self.scope)

    @property
    def tenant_settings(self) -> tuple[str, ...]:
        """The names of PostgreSQL's settings by which its policies know the tenant."""
        return self._environment.tenancy.names

    @property
    def works(self) -> int:
        """How much work is registered for after the commit."""
        return len(self._after_commit)

    def emit(self, event: Event) -> None:
        """Puts an event in the outbox, in this transaction: it exists exactly when its effect does."""
        self._open()
        self._events.append(event)

    @property
    def emitted(self) -> Sequence[Event]:
        """The events that are not in the outbox yet: most come into it at the end."""
        return tuple(self._events)

    def store(self, contract: type[Store]) -> Store:
        """The store that fulfils a contract now, working in this transaction. Raises ReadOnly."""
        stores = self._environment.stores
        store: Store = self._watched(stores.to_write(stores.choose(contract, self.scope, self.drawn), self))
        return store

    async def execute(self, statement: Compiled, **values: Any) -> int:
        """Runs a compiled INSERT, UPDATE or DELETE. Returns how many rows it wrote or removed."""
        checkout = self._open()
        async with checkout.lock:
            status = await checkout.driver.execute(statement.sql, *statement.arguments(values))
        return int(status.rpartition(" ")[2])

    def add(self, table: Appending, row: Row) -> None:
        """Inserts a row before the next statement, in one with all others that are pending. What refuses the row is
        raised there."""
        self.append(table, [row])
        self._pending.make_due()

    def append(self, table: Appending, rows: Sequence[Row]) -> None:
        """As `add`, for rows that this transaction does not read back. They are pending until something is added, a
        savepoint begins or ends, or the transaction ends."""
        self._open()
        copies = [dict(row) for row in rows]  # all or none, and a mapping may be used again for the next row
        if copies:
            self._rows_to_insert().extend(table, copies)

    async def flush(self) -> None:
        """Sends all that is pending: what is refused is raised here, and not at the end."""
        await self._flush()
        lock = self._open().lock
        if self._pending.items:
            async with lock.flushed():
                pass

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
                    await self.flush()  # what it added is refused within it, and undone with it
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
        A row is written with the rights that the transaction had when the row was added, however late it is sent. The
        rights are the transaction's: another task that works in it meanwhile has them too.
        """
        tenancy = self._environment.tenancy
        if tenancy.role_of(self.scope) == tenancy.platform_role or self._elevated:
            yield
            return
        if not self._elevates:
            raise ProgrammingError("The platform's rights need `database.transaction(scope, elevates=True)`.")
        self._open()
        log.debug("elevated", reason=reason)
        await self._flush()
        events = len(self._events)
        self._elevated = True
        self._pending.set_role(tenancy.platform_role)
        try:
            yield
            await self._flush()
            self._append_events(since=events)
        finally:
            # Pending, not sent: where PostgreSQL has refused something inside, it takes nothing but a rollback now, to
            # a savepoint or to the start, which brings the role back by itself.
            self._open()
            self._pending.set_role(tenancy.role_of(self.scope))
            self._elevated = False

    def _append_events(self, since: int = 0) -> None:
        """To the rows that are pending. Events of an elevated block are among the platform's: no policy lets the tenant
        write them."""
        events = self._events[since:]
        if events:
            del self._events[since:]
            rows = outbox_rows(events, self.tenant_key, self.actor_id, self.clock.now())
            self._rows_to_insert().extend(self._environment.outbox, rows)

    def _rows_to_insert(self) -> InsertRows:
        """The last pending item, so that rows are written together, and under the role of their time."""
        last = self._pending.last
        if not isinstance(last, InsertRows):
            last = InsertRows()
            self._pending.put_off(last)
        return last

    async def _before_commit(self, checkout: Checkout) -> None:
        pending, scope = self._pending, self.scope
        pending.take_back_role(
            self._environment.tenancy.role_of(scope)
        )  # the platform may write the tenant's events too
        self._append_events()
        match pending.unsent:
            case [Begin(), InsertRows() as rows] if isinstance(scope, Tenant):
                # PostgreSQL has seen nothing of this unit, and one statement is all that it will see: it is a
                # transaction by itself. Made here, where an error still says that nothing was written.
                parameters = self._environment.signer.parameters_of(scope, checkout.connection.backend)
                self._alone = rows, rows.alone(self._environment.statements, scope.guard, parameters)
            case _:
                await pending.flush()

    async def _commit(self, checkout: Checkout) -> str:
        if self._alone is None:
            return await super()._commit(checkout)
        rows, statement = self._alone
        await rows.send_statement(checkout, statement)
        passed_guard(self.scope)
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
