"""A unit of work that only reads."""

from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Generic

from crossdock.kernel.errors import CrossdockError
from crossdock.kernel.pools.lease import Lease
from crossdock.kernel.tenancy import Tenant, statements
from crossdock.kernel.transaction.faults import driver_error, was_refused
from crossdock.kernel.transaction.unit import Store, Unit


class Reading(Unit):
    """Read-only, on the pool of the ORM that holds the truth.

    Where the connection keeps its session, the session is bound to the tenant, and each statement is a transaction by
    itself: what BEGIN READ ONLY and COMMIT around them would add at READ COMMITTED is two round trips. Elsewhere, and
    for the platform, there is a transaction.
    """

    read_only = True
    _is_bound = False

    async def first(self, sql: str, arguments: Sequence[Any]) -> Any:
        """As `Unit.first`, with the guard's question in the same statement where it has not been asked."""
        lease, guard = self._open(), self.scope.guard
        if lease.mutex.question is None or guard is None or guard.passed:
            return await super().first(sql, arguments)
        await lease.mutex.acquire_unasked()
        try:
            row = await lease.driver.fetchrow(guard.around(sql, len(arguments)), *arguments, *guard.arguments)
            if row is None:  # and so the question was not put
                await self._ask()
            guard.passed = True
            lease.mutex.question = None
            return row
        finally:
            lease.mutex.release()

    async def _begin_on(self, lease: Lease) -> None:
        if not (lease.link.keeps_session and isinstance(self.scope, Tenant)):
            await super()._begin_on(lease)
            return
        self._is_bound = True
        if lease.link.bound_to != self.scope:
            await self._bind(lease, self.scope)
        elif self.scope.guard is not None:
            lease.mutex.question = self._ask

    async def _bind(self, lease: Lease, tenant: Tenant) -> None:
        await lease.driver.execute(statements.bind(tenant), timeout=self._pool.gate.timeout_s)
        lease.link.bound_to = replace(tenant, actor_id=None, guard=None)
        if tenant.guard is not None:
            tenant.guard.passed = True

    async def _ask(self) -> None:
        lease, guard = self._open(), self.scope.guard
        assert guard is not None
        await lease.driver.fetchrow(guard.statement(), *guard.arguments)
        guard.passed = True

    async def _end(self, failure: BaseException | None) -> None:
        if self._is_bound and self._connection is None and self._open().mutex.is_idle:
            # Nothing is sent and nothing waited for, so nothing can be interrupted.
            lease, self._lease, self._state = self._open(), None, "over"
            await self._end_on(lease, failure)
        else:
            await super()._end(failure)

    async def _finish(self, lease: Lease, failure: BaseException | None) -> None:
        if not self._is_bound:
            await super()._finish(lease, failure)
        elif lease.driver.is_closed() or lease.driver.is_in_transaction() or not _is_harmless(failure):
            lease.abandon()


class StoreReading(Generic[Store]):
    """A reading that yields a store. A class: it opens for every read, and a generator would cost more than the read's
    own work."""

    __slots__ = ("_contract", "_unit")

    def __init__(self, unit: Reading, contract: type[Store]) -> None:
        self._unit = unit
        self._contract = contract

    async def __aenter__(self) -> Store:
        await self._unit.__aenter__()
        try:
            return self._unit.store(self._contract)
        except BaseException as error:
            await self._unit.__aexit__(type(error), error, error.__traceback__)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._unit.__aexit__(kind, error, trace)


def _is_harmless(failure: BaseException | None) -> bool:
    """Whether it left the connection as it was: nothing failed, or a rule of ours did, or PostgreSQL said no."""
    return failure is None or isinstance(failure, CrossdockError) or was_refused(driver_error(failure))
