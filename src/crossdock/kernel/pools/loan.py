"""The lock of one loan of a connection: both ORMs queue on it, and its end turns away whoever still waits."""

import asyncio
from typing import Literal

from crossdock.kernel.errors import LentConnectionRevoked


class LoanLock(asyncio.Lock):
    """An `asyncio.Lock` that can be closed for good, by whoever holds it."""

    _revoked = False

    def revoke(self) -> None:
        """From now on `acquire` raises LentConnectionRevoked: a statement that a background task had queued, or sends
        later, would otherwise run on a connection that is somebody else's by then."""
        self._revoked = True

    async def acquire(self) -> Literal[True]:
        await super().acquire()
        if self._revoked:
            self.release()
            raise LentConnectionRevoked
        return True
