"""Savepoints on a shared connection: of `tx.savepoint()`, of Tortoise's nested blocks and of SQLAlchemy's.

What is pending before it is sent before it. What becomes pending inside is sent inside, or never.
"""

import itertools
from contextlib import suppress
from types import TracebackType

from crossdock.driver.lock import ConnectionLock
from crossdock.driver.settings import Driver
from crossdock.driver.uninterrupted import uninterrupted

_numbers = itertools.count(1)
"""No two savepoints have one name: of two blocks side by side, the one would undo or keep what the other did."""


class Savepoint:
    """`async with` it, or call its three commands."""

    def __init__(self, driver: Driver, lock: ConnectionLock, name: str | None = None) -> None:
        self._driver = driver
        self._lock = lock
        self._name = name or f"crossdock_{next(_numbers)}"

    async def begin(self) -> None:
        await self._send(f"SAVEPOINT {self._name}")

    async def keep(self) -> None:
        """Raises what refuses a row that was pending: then the savepoint is undone, and the transaction goes on."""
        try:
            await self._send(f"RELEASE SAVEPOINT {self._name}")
        except BaseException:
            await self.undo()
            raise

    async def undo(self) -> None:
        """Cannot be interrupted, and hides no error: where PostgreSQL refuses it, the whole transaction is lost."""
        # Cancelled half way, the caller would go on inside of a savepoint that it takes for undone.
        with suppress(Exception):
            await uninterrupted(self._undo())

    async def __aenter__(self) -> None:
        await self.begin()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await (self.keep() if error is None else self.undo())

    async def _send(self, sql: str) -> None:
        async with self._lock.flushed():
            await self._driver.execute(sql)

    async def _undo(self) -> None:
        async with self._lock.unflushed():
            # Before the statement, under the lock: what is pending inside must not be sent after ROLLBACK TO, and what
            # another task adds from now on belongs to what the savepoint lies in.
            self._lock.pending.discard()
            await self._driver.execute(f"ROLLBACK TO SAVEPOINT {self._name}; RELEASE SAVEPOINT {self._name}")
