"""A unit of work that only reads."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Generic

from crossdock.kernel.errors import CrossdockError
from crossdock.kernel.pools.lease import Lease
from crossdock.kernel.tenancy import Tenant, statements
from crossdock.kernel.transaction.faults import driver_error, was_refused
from crossdock.kernel.transaction.unit import Store, Unit


class Reading(Unit):
    """Read-only, on the pool of the ORM that holds the truth.

    Where the connection keeps its session a document needs no transaction around it: it brings its tenant with it, and
    at READ COMMITTED each statement has a snapshot of its own anyhow. BEGIN waits until an ORM sends something. For the
    platform, and behind a pooler, it is sent at once.
    """

    read_only = True

    async def first(self, sql: str, arguments: Sequence[Any]) -> Any:
        """As `Unit.first`: the first row of a statement, or None."""
        lease = self._open()
        await lease.mutex.acquire_unasked()
        try:
            if lease.mutex.question is None or not isinstance(self.scope, Tenant):
                return await lease.driver.fetchrow(sql, *arguments)
            text, all_arguments = statements.entered(sql, list(arguments), self.scope)
            row = await lease.driver.fetchrow(text, *all_arguments)
            self._guard_passed()
            return row if row["found"] else None
        finally:
            lease.mutex.release()

    async def _begin_on(self, lease: Lease) -> None:
        if lease.link.keeps_session and isinstance(self.scope, Tenant):
            lease.mutex.question = self._begin_late
        else:
            await super()._begin_on(lease)

    async def _begin_late(self) -> None:
        await super()._begin_on(self._open())

    async def _end(self, failure: BaseException | None) -> None:
        lease = self._open()
        if lease.mutex.question is not None and lease.mutex.is_idle:
            # Nothing was begun, is sent or waited for, so nothing can be interrupted.
            self._lease, self._state = None, "over"
            await self._end_on(lease, failure)
        else:
            await super()._end(failure)

    async def _finish(self, lease: Lease, failure: BaseException | None) -> None:
        is_closed = lease.driver.is_closed()  # the driver cannot tell of a transaction then
        if not is_closed and lease.driver.is_in_transaction():
            await super()._finish(lease, failure)
        elif is_closed or not _is_harmless(failure):
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
