"""A savepoint, whosoever it is: ours, Tortoise's nested block, or SQLAlchemy's.

What was postponed before it is sent before it. What is postponed inside is sent inside, or never.
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
        """Raises what refuses a row that waited; it has cost no more than the savepoint then."""
        try:
            await self._send(f"RELEASE SAVEPOINT {self._name}")
        except BaseException:
            await self.undo()
            raise

    async def undo(self) -> None:
        """Cannot be interrupted, and hides no error: where PostgreSQL refuses it, the whole transaction is lost."""
        with suppress(Exception):
            await uninterrupted(self._undo())

    async def __aenter__(self) -> None:
        await self.begin()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await (self.keep() if error is None else self.undo())

    async def _send(self, sql: str) -> None:
        async with self._lock.caught_up():
            await self._driver.execute(sql)

    async def _undo(self) -> None:
        async with self._lock.held():
            self._lock.drop_postponed()
            await self._driver.execute(f"ROLLBACK TO SAVEPOINT {self._name}; RELEASE SAVEPOINT {self._name}")
