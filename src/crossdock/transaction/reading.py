"""A unit of work that only reads."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Generic, Never, NoReturn, TypeVar

from crossdock.driver.lock import NOTHING
from crossdock.errors import TransactionAborted, WriteInReading
from crossdock.guards.places import raised_at, written
from crossdock.guards.reporting import last_statements
from crossdock.pools.checkout import Checkout, Pool
from crossdock.tenancy import Scope, Tenant
from crossdock.transaction.begin import passed_guard
from crossdock.transaction.environment import Environment
from crossdock.transaction.faults import fail, translate
from crossdock.transaction.stores import Choice
from crossdock.transaction.unit import Status, Unit

Store = TypeVar("Store")

READS = "Reads"
"""The end of the name of a contract without commands, as in `BookReads`."""


def need_reads(contract: type[Any]) -> None:
    """Raises WriteInReading for a contract that has commands."""
    if not contract.__name__.endswith(READS):
        raise WriteInReading(f"{contract.__name__} has commands, and a reading does not write: ask for its reads.")


class Reading(Unit):
    """Read-only, on the pool of the ORM that holds the truth.

    A document needs no transaction around it: at READ COMMITTED each statement has a snapshot of its own anyhow. So
    BEGIN, the only work that is ever pending here, is not sent for it.
    """

    read_only = True

    def __init__(self, environment: Environment, scope: Scope, pool: Pool, *, snapshot: bool = False) -> None:
        """`snapshot`: all its statements see the data of one moment."""
        super().__init__(environment, scope, pool)
        self.snapshot = snapshot

    async def first(self, sql: str, arguments: Sequence[Any]) -> Any:
        """As `Unit.first`: the first row of a statement, or None."""
        checkout, scope = self._open(), self.scope
        await checkout.lock.acquire_unflushed()
        try:
            if self._watch is not None:
                self._watch.sending(sql)
            # Looked at under the lock: another task of this unit may be sending BEGIN.
            if not self._pending.items or not isinstance(scope, Tenant):
                return await checkout.connection.driver.fetchrow(sql, *arguments)
            environment = self._environment
            parameters = environment.signer.parameters_of(scope, checkout.connection.backend)
            text, all_arguments = environment.statements.entered(sql, list(arguments), scope.guard, parameters)
            row = await checkout.connection.driver.fetchrow(text, *all_arguments)
            passed_guard(scope)
            return row if row["found"] else None
        finally:
            checkout.lock.release()

    def store(self, contract: type[Store]) -> Store:
        """The reads that fulfil a contract now. Raises WriteInReading for a contract that has commands."""
        need_reads(contract)
        store: Store = self.of(self._environment.stores.choose(contract, self.scope, self.drawn))
        return store

    def of(self, choice: Choice) -> Any:
        """The reads of a choice that is made already: this reading is on the pool of its ORM."""
        return self._watched(self._environment.stores.to_read(choice, self))

    def add(self, *_: Never) -> Never:
        """A reading adds nothing: no call of this passes a type checker. Raises WriteInReading."""
        raise WriteInReading

    append = execute = add

    def _fail(self, failure: BaseException) -> NoReturn:
        """As `fail`. Where PostgreSQL has refused a write, the error says which line has sent it."""
        translated = translate(failure)
        if isinstance(translated, WriteInReading) and translated is not failure:
            sent = "" if self._watch is None else last_statements(self._watch.sent)
            raise WriteInReading(f"{translated} It was sent by {written(raised_at(failure))}.{sent}") from failure
        fail(failure)

    async def _end(self, failure: BaseException | None) -> None:
        checkout = self._open()
        if self._pending.items and checkout.lock.is_idle:
            # BEGIN was not sent, and no statement is under way: the end sends nothing and waits for nothing, so there
            # is nothing to protect from a cancellation. A task for it would cost more than the read.
            self._status = Status.CLOSED
            if failure is None and self._connection is None:
                self._leave(checkout)
            else:
                await self._end_on(checkout, failure)
        else:
            await super()._end(failure)

    def _leave(self, checkout: Checkout) -> None:
        """The end of a read that was alone: what `_end_on` comes to where nothing has to be ended. There is no `await`,
        so nobody can take the lock, which is idle, before it is revoked."""
        checkout.lock.revoke()
        checkout.lock.pending = NOTHING
        self._pool.release(checkout)

    async def _keep(self, checkout: Checkout) -> None:
        """An end that fails costs the connection and is no error of the reading: nothing was written, so no outcome is
        unknown."""
        try:
            status = await self._commit(checkout)
        except BaseException:
            checkout.abandon()
            return
        if status == "ROLLBACK":
            raise TransactionAborted


class StoreReading(Generic[Store]):
    """A reading that yields a store. A class: it opens for every read, and a generator would cost more than the read's
    own work."""

    __slots__ = ("_choice", "_unit")

    def __init__(self, unit: Reading, choice: Choice) -> None:
        self._unit = unit
        self._choice = choice

    async def __aenter__(self) -> Store:
        await self._unit.__aenter__()
        try:
            store: Store = self._unit.of(self._choice)
            return store
        except BaseException as error:
            await self._unit.__aexit__(type(error), error, error.__traceback__)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._unit.__aexit__(kind, error, trace)
