"""The lock of a connection that is checked out: both ORMs queue on it, and the end of the unit of work revokes it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Literal

from crossdock.errors import ConnectionRevoked


class PendingWork:
    """Nothing is pending: no unit of work has the connection. Its own is `crossdock.transaction.pending.Pending`.

    Call the methods while you hold the connection's lock.
    """

    __slots__ = ()

    due = 0
    """How many pieces of work have to be sent before the next statement."""

    async def flush_due(self) -> None:
        """Sends what is due before the next statement."""

    async def flush(self) -> None:
        """Sends all that is pending."""

    def discard(self) -> None:
        """Forgets all that is pending: the savepoint that it belongs to is undone."""


NOTHING = PendingWork()


class Turn:
    """A part of a unit of work that a connection is used for. Tasks that begin in it are known by their context."""

    def __init__(self, lock: "ConnectionLock") -> None:
        self.lock = lock
        self.is_over = False


_TURN: ContextVar[Turn | None] = ContextVar("turn", default=None)


class ConnectionLock(asyncio.Lock):
    """An `asyncio.Lock` that its holder can revoke, and that flushes what is due before the holder's first statement.

    SQLAlchemy finds it in the place of its own mutex, Tortoise in the place of its client's lock.
    """

    pending: PendingWork = NOTHING
    statements = 0
    """How often it was acquired: once for each statement, of either ORM."""
    _revoked = False

    @property
    def is_idle(self) -> bool:
        """Nobody holds it and nobody waits.

        `locked` alone does not say so: asyncio unlocks before the next waiter runs, and that one has it for sure.
        """
        return not self.locked() and not self._waiters

    async def acquire(self) -> Literal[True]:
        """Waits, then flushes what is due. Raises ConnectionRevoked, and what the flush raises."""
        await self.acquire_unflushed()
        if self.pending.due:
            try:
                await self.pending.flush_due()
            except BaseException:
                # The caller has not got the lock, so it will not release it. Without this line a flush that fails, or
                # is cancelled, would lock everybody out for good.
                self.release()
                raise
        return True

    async def acquire_unflushed(self) -> None:
        """Waits, and sends nothing. Raises ConnectionRevoked."""
        await super().acquire()
        # Asked after the wait: the lock may have been revoked while this caller stood in the queue.
        if self._revoked or self.is_past_turn:
            self.release()  # the next one in the queue wakes up, and is refused too
            raise ConnectionRevoked
        self.statements += 1

    @asynccontextmanager
    async def unflushed(self) -> AsyncIterator[None]:
        """Holds the lock, with nothing sent."""
        await self.acquire_unflushed()
        try:
            yield
        finally:
            self.release()

    @asynccontextmanager
    async def flushed(self) -> AsyncIterator[None]:
        """Holds the lock, with all sent that was pending by then."""
        async with self.unflushed():
            # Under the lock, not before it: what another task adds while this one waits is flushed as well.
            await self.pending.flush()
            yield

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Tasks that begin in the block get ConnectionRevoked after it, as all do after the unit of work.

        For a block whose savepoint is undone: a statement that such a task sends later would not be undone with it.
        """
        turn = Turn(self)
        token = _TURN.set(turn)
        try:
            yield turn
        finally:
            turn.is_over = True
            _TURN.reset(token)

    @property
    def is_past_turn(self) -> bool:
        """Whether this task began in a turn at this connection that is over."""
        turn = _TURN.get()
        return turn is not None and turn.is_over and turn.lock is self

    def revoke(self) -> None:
        """From now on `acquire` raises ConnectionRevoked. Call it while you hold the lock.

        A background task may have queued a statement, or may send one later. It would run on a connection that another
        unit of work has by then.
        """
        self._revoked = True
