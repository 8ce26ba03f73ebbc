"""The lock of one loan of a connection: both ORMs queue on it, and its end turns away whoever still waits."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Literal

from crossdock.kernel.errors import LentConnectionRevoked

Step = Callable[[], Awaitable[None]]


class LoanLock(asyncio.Lock):
    """An `asyncio.Lock` that can be closed for good by whoever holds it, and that pays what is owed before it opens.

    `owed` are the steps that the loan's unit of work has put off. They are sent in this order and once, those that are
    due before the next statement, whichever ORM sends that; while one fails nobody gets through. A step that was
    interrupted is still owed, and may have been sent.

    `rights` is the step that gives the rights of now, once they have changed: going back to a savepoint brings back
    those of then.
    """

    rights: Step | None = None
    _revoked = False
    _due = 0
    _first_was_tried = False

    def __init__(self) -> None:
        super().__init__()
        self.owed: list[Step] = []

    @property
    def last(self) -> Step | None:
        """The last step that is owed, where nothing of it can have been sent yet."""
        return self.owed[-1] if len(self.owed) > self._first_was_tried else None

    @property
    def is_untouched(self) -> bool:
        """Nothing of what is owed can have been sent yet."""
        return not self._first_was_tried

    @property
    def is_idle(self) -> bool:
        """Nobody has it and nobody waits: while it is handed from one to the next, `locked` is false already."""
        return not self.locked() and not self._waiters

    def owe(self, step: Step) -> None:
        """Puts it off until the next statement, with all that is owed before it."""
        self.owed.append(step)
        self.call_in()

    def take_back(self, step: Step) -> bool:
        """Whether it was the last, and none of it can have been sent: then it is owed no more."""
        if self.last != step:
            return False
        self.owed.pop()
        self.call_in()
        return True

    def call_in(self) -> None:
        """All that is owed by now is due before the next statement."""
        self._due = len(self.owed)

    async def pay(self) -> None:
        """Sends all that is owed. By whoever holds the lock."""
        self.call_in()
        await self._pay_what_is_due()

    def forgive(self) -> None:
        """What is owed belongs to a savepoint that is being undone. By whoever holds the lock."""
        self.owed.clear()
        self._due = 0
        self._first_was_tried = False
        if self.rights is not None:
            self.owe(partial(self.rights))  # not to be taken back: nobody knows here with which rights it began

    @asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Holds the lock, with nothing paid."""
        await self.acquire_at_once()
        try:
            yield
        finally:
            self.release()

    @asynccontextmanager
    async def settled(self) -> AsyncIterator[None]:
        """Holds the lock, with all paid that is owed by then."""
        async with self.held():
            await self.pay()
            yield

    def revoke(self) -> None:
        """From now on `acquire` raises LentConnectionRevoked: a statement that a background task had queued, or sends
        later, would otherwise run on a connection that is somebody else's by then."""
        self._revoked = True

    def end(self) -> None:
        """Nothing is owed any more. The steps are methods of the unit that has this lock: a circle, which would stay
        until the garbage collector stops the process to look for it."""
        self.owed.clear()
        self._due = 0
        self.rights = None

    async def acquire(self) -> Literal[True]:
        await self.acquire_at_once()
        if self._due:
            try:
                await self._pay_what_is_due()
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

    async def _pay_what_is_due(self) -> None:
        while self._due:  # more may fall due meanwhile
            self._first_was_tried = True
            await self.owed[0]()
            del self.owed[0]
            self._due -= 1
            self._first_was_tried = False
