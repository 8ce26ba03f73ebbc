"""A savepoint on a loan, for Tortoise's nested blocks and for our own. SQLAlchemy's are in its dialect, to one rule:
what was owed before a savepoint is paid before it, and what is owed inside is paid inside, or goes with it."""

import itertools
from contextlib import suppress

from crossdock.kernel.pools.driver import Driver
from crossdock.kernel.pools.loan import LoanLock
from crossdock.kernel.pools.uninterrupted import uninterrupted

_numbers = itertools.count(1)
"""No two savepoints have one name: of two blocks side by side, the one would undo or keep what the other did."""


class Savepoint:
    def __init__(self, driver: Driver, mutex: LoanLock) -> None:
        self._driver = driver
        self._mutex = mutex
        self._name = f"lent_{next(_numbers)}"

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

    async def _undo(self) -> None:
        await self._mutex.forgive()
        await self._send(f"ROLLBACK TO SAVEPOINT {self._name}; RELEASE SAVEPOINT {self._name}")

    async def _send(self, sql: str) -> None:
        self._mutex.call_in()
        async with self._mutex:
            await self._driver.execute(sql)
