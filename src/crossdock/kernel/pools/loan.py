"""The lock of one loan of a connection: both ORMs queue on it, and its end turns away whoever still waits."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

from crossdock.kernel.errors import LentConnectionRevoked

Step = Callable[[], Awaitable[None]]


class LoanLock(asyncio.Lock):
    """An `asyncio.Lock` that can be closed for good by whoever holds it, and that goes `first` before it opens.

    `first` is what the loan's unit of work owes the connection: sent in this order and once, when the next statement is
    due, whichever ORM sends that; while it fails nobody gets through.
    """

    _revoked = False

    def __init__(self) -> None:
        super().__init__()
        self.first: list[Step] = []

    @property
    def is_idle(self) -> bool:
        """Nobody has it and nobody waits: while it is handed from one to the next, `locked` is false already."""
        return not self.locked() and not self._waiters

    def revoke(self) -> None:
        """From now on `acquire` raises LentConnectionRevoked: a statement that a background task had queued, or sends
        later, would otherwise run on a connection that is somebody else's by then."""
        self._revoked = True

    async def acquire(self) -> Literal[True]:
        await self.acquire_at_once()
        try:
            while self.first:
                await self.first[0]()
                del self.first[0]
        except BaseException:
            self.release()
            raise
        return True

    async def acquire_at_once(self) -> None:
        """For a statement that needs nothing before it, and for the end of the loan."""
        await super().acquire()
        if self._revoked:
            self.release()
            raise LentConnectionRevoked
