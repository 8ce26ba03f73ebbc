"""Ends a call that takes too long, and leaves the connection whole: it is that of the request."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from crossdock.driver.lock import Turn
from crossdock.transaction.unit import Unit

LOOK_EVERY_S = 0.01
SECOND_MS = 1_000
NO_WAIT_MS = "1"
"""PostgreSQL has no shorter limit for a lock, and 0 is none."""
LIMITS = "SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true)"


class NoAnswer(Exception):
    """It has not answered in the time that it was given."""


def of_statements(limit_s: float, *, waits: bool = True) -> tuple[str, str]:
    """The arguments of LIMITS. A statement has half of a call's time, so that PostgreSQL ends it first; the lock of
    another transaction is waited for half as long as that, which tells it from a statement that is slow. Without
    `waits` it is not waited for at all.
    """
    limit_ms = max(4, int(limit_s * SECOND_MS))
    return str(limit_ms // 2), str(limit_ms // 4) if waits else NO_WAIT_MS


@asynccontextmanager
async def limited(unit: Unit, limit_s: float) -> AsyncIterator[None]:
    """Raises NoAnswer in the place of whatever the block raises or returns after that time."""
    with unit.turn() as turn:
        limit = asyncio.timeout(None)
        watch = asyncio.create_task(_end(turn, limit, limit_s))
        try:
            async with limit:
                yield
        except Exception:
            if turn.is_over:
                raise NoAnswer from None
            raise
        finally:
            watch.cancel()
        if turn.is_over:
            raise NoAnswer


async def _end(turn: Turn, limit: asyncio.Timeout, limit_s: float) -> None:
    await asyncio.sleep(limit_s)
    turn.is_over = True  # its next statement is refused
    # Cancelled in the middle of a statement, SQLAlchemy would close the connection. PostgreSQL ends it in time, unless
    # the call has lifted the limit: then the connection is lost, which is better than to wait for ever.
    clock = asyncio.get_running_loop().time
    last = clock() + limit_s
    while not turn.lock.is_idle and clock() < last:  # noqa: ASYNC110  the lock tells nobody
        await asyncio.sleep(LOOK_EVERY_S)
    limit.reschedule(0)
