"""Tortoise's client for our pools: models work only inside a unit of work, on the connection that it has
checked out.

Tortoise finds this module by the name of the connection's `engine` and takes its `client_class`.
"""

from typing import Any

from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    ConnectionWrapper,
    NestedTransactionContext,
    TransactionContext,
)
from tortoise.log import db_client_logger

from crossdock.driver.lock import ConnectionLock
from crossdock.driver.savepoint import Savepoint
from crossdock.driver.settings import Driver
from crossdock.errors import OutsideUnitOfWork, ProgrammingError
from crossdock.guards.places import here, written

ALIAS = "default"
"""The one alias. With two aliases for one database a row written through the other would survive a rollback."""


class UnitClient(TransactionWrapper):
    """What Tortoise takes for its current connection inside a unit of work, and for a savepoint in it.

    `lock` is the connection's: with it, `gather` over both ORMs queues instead of failing with "another operation is in
    progress", and after the end of the unit nobody gets through.
    """

    _lock: ConnectionLock
    _savepoint: Savepoint | None = None
    """None where it is the unit of work's own: that alone ends its transaction."""

    def __init__(self, driver: Driver, lock: ConnectionLock) -> None:
        self._connection = driver
        self._lock = lock
        self._finalized = False
        self.log = db_client_logger
        self.connection_name = ALIAS
        self.fetch_inserted = True

    def _in_transaction(self) -> TransactionContext:
        # The parent's own lock, not a new one: a nested block shares the connection, so it must share its queue.
        return NestedTransactionContext(UnitClient(self._connection, self._lock))

    async def begin(self) -> None:
        # Plain SQL: asyncpg's transaction objects refuse a connection whose BEGIN was sent by hand.
        savepoint = Savepoint(self._connection, self._lock)
        await savepoint.begin()
        self._savepoint = savepoint

    async def commit(self) -> None:
        await self._begun().keep()
        self._finalized = True

    async def rollback(self) -> None:
        await self._begun().undo()
        self._finalized = True

    def _begun(self) -> Savepoint:
        if self._savepoint is None or self._finalized:
            raise ProgrammingError("No block of Tortoise's is open here: the unit of work ends its own transaction.")
        return self._savepoint


class GuardedClient(AsyncpgDBClient):
    """What Tortoise's models find outside of a unit of work: it refuses every call.

    Tortoise's own `in_transaction` leaks its slot when it is cancelled during BEGIN, and a plain query would run with
    no tenant set. Neither can happen where `database.transaction()` and `database.reading()` alone reach the pool.
    """

    def acquire_connection(self) -> ConnectionWrapper[Any]:
        raise _outside()

    def _in_transaction(self) -> TransactionContext:
        raise _outside()


def _outside() -> OutsideUnitOfWork:
    return OutsideUnitOfWork(f"{OutsideUnitOfWork.meaning()} It was used at {written(here())}.")


client_class = GuardedClient
