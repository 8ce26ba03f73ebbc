"""The lock of one loan of a connection: both ORMs queue on it, and its end turns away whoever still waits."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal

from crossdock.kernel.errors import LentConnectionRevoked

Question = Callable[[], Awaitable[None]]


class LoanLock(asyncio.Lock):
    """An `asyncio.Lock` that can be closed for good by whoever holds it, and that asks `question` before it opens.

    The question is put once, by the first statement, whichever ORM sends it; while it fails nobody gets through.
    """

    _revoked = False
    question: Question | None = None

    @property
    def is_idle(self) -> bool:
        """Nobody has it and nobody waits: while it is handed from one to the next, `locked` is false already."""
        return not self.locked() and not self._waiters

    def revoke(self) -> None:
        """From now on `acquire` raises LentConnectionRevoked: a statement that a background task had queued, or sends
        later, would otherwise run on a connection that is somebody else's by then."""
        self._revoked = True

    async def acquire(self) -> Literal[True]:
        await self.acquire_unasked()
        if self.question is not None:
            try:
                await self.question()
            except BaseException:
                self.release()
                raise
            self.question = None
        return True

    async def acquire_unasked(self) -> None:
        """For a statement that puts the question itself, and for the end of the loan."""
        await super().acquire()
        if self._revoked:
            self.release()
            raise LentConnectionRevoked
