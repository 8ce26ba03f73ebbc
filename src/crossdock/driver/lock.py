"""The lock of one loan of a connection: both ORMs queue on it, and its end turns away whoever still waits."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Literal

from crossdock.errors import ConnectionRevoked

Step = Callable[[], Awaitable[None]]


class ConnectionLock(asyncio.Lock):
    """An `asyncio.Lock` that can be closed for good by whoever holds it. What was postponed is sent before it opens.

    `postponed` are the steps that the loan's unit of work has put off. They are sent in this order and once, those that
    are due before the next statement, whichever ORM sends that; while one fails nobody gets through. A step that was
    interrupted is still among them, and may have been sent.

    `rights` is the step that gives the rights of now, once they have changed: going back to a savepoint brings back
    those of then.
    """

    rights: Step | None = None
    _revoked = False
    _due = 0
    _first_was_tried = False

    def __init__(self) -> None:
        super().__init__()
        self.postponed: list[Step] = []

    @property
    def last(self) -> Step | None:
        """The last step that is postponed, where nothing of it can have been sent yet."""
        return self.postponed[-1] if len(self.postponed) > self._first_was_tried else None

    @property
    def is_untouched(self) -> bool:
        """Nothing of what is postponed can have been sent yet."""
        return not self._first_was_tried

    @property
    def is_idle(self) -> bool:
        """Nobody has it and nobody waits: while it is handed from one to the next, `locked` is false already."""
        return not self.locked() and not self._waiters

    def postpone(self, step: Step) -> None:
        """Puts it off until the next statement, with all that was put off before it."""
        self.postponed.append(step)
        self.make_due()

    def take_back(self, step: Step) -> bool:
        """Whether it was the last, and none of it can have been sent: then it will not be."""
        if self.last != step:
            return False
        self.postponed.pop()
        self.make_due()
        return True

    def make_due(self) -> None:
        """All that is postponed by now is due before the next statement."""
        self._due = len(self.postponed)

    async def send_postponed(self) -> None:
        """Sends all that is postponed. By whoever holds the lock."""
        self.make_due()
        await self._send_what_is_due()

    def drop_postponed(self) -> None:
        """What is postponed belongs to a savepoint that is being undone. By whoever holds the lock."""
        self.postponed.clear()
        self._due = 0
        self._first_was_tried = False
        if self.rights is not None:
            self.postpone(partial(self.rights))  # not to be taken back: nobody knows here with which rights it began

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Holds the lock, with nothing sent."""
        await self.acquire_at_once()
        try:
            yield
        finally:
            self.release()

    @asynccontextmanager
    async def caught_up(self) -> AsyncIterator[None]:
        """Holds the lock, with all sent that was postponed by then."""
        async with self.held():
            await self.send_postponed()
            yield

    def revoke(self) -> None:
        """From now on `acquire` raises ConnectionRevoked: a statement that a background task had queued, or sends
        later, would otherwise run on a connection that is somebody else's by then."""
        self._revoked = True

    def end(self) -> None:
        """Drops all steps. They are methods of the unit that has this lock: a circle, which would stay until the
        garbage collector stops the process to look for it."""
        self.postponed.clear()
        self._due = 0
        self.rights = None

    async def acquire(self) -> Literal[True]:
        await self.acquire_at_once()
        if self._due:
            try:
                await self._send_what_is_due()
            except BaseException:
                self.release()
                raise
        return True

    async def acquire_at_once(self) -> None:
        """For a statement that needs nothing before it, and for the end of the loan."""
        await super().acquire()
        if self._revoked:
            self.release()
            raise ConnectionRevoked

    async def _send_what_is_due(self) -> None:
        while self._due:  # more may fall due meanwhile
            self._first_was_tried = True
            await self.postponed[0]()
            del self.postponed[0]
            self._due -= 1
            self._first_was_tried = False
