"""A bounded waiting room before a pool: who may hold a connection, who waits and how long, and the counters of both.

The pools of the two ORMs wait, count and time out in different ways. One gate as wide as the pool stands before each,
so that the pool behind it never has to wait and all three behave, and are measured, the same.
"""

import asyncio
from dataclasses import dataclass

from crossdock.kernel.errors import PoolExhausted


@dataclass(slots=True)
class GateStatistics:
    """Counters since start; `in_use` and `waiting` are now."""

    in_use: int = 0
    in_use_max: int = 0
    waiting: int = 0
    acquired_total: int = 0
    exhausted_total: int = 0


class Gate:
    """At most `size` holders; at most `waiting_max` wait, each for at most `timeout_s`."""

    def __init__(self, name: str, size: int, *, timeout_s: float, waiting_max: int) -> None:
        self.name = name
        self.size = size
        self.timeout_s = timeout_s
        self.waiting_max = waiting_max
        self.statistics = GateStatistics()
        self._slots = asyncio.Semaphore(size)

    def __repr__(self) -> str:
        now = self.statistics
        return f"<Gate {self.name} {now.in_use}/{self.size} in use, {now.waiting} waiting>"

    @property
    def is_full(self) -> bool:
        """Whoever comes now has to wait."""
        return self._slots.locked()

    async def enter(self) -> None:
        """Raises PoolExhausted past the limits."""
        if self.is_full:
            await self._wait()
        else:
            await self._slots.acquire()  # does not wait: a slot is free and nobody is before us
        now = self.statistics
        now.in_use += 1
        now.acquired_total += 1
        now.in_use_max = max(now.in_use_max, now.in_use)

    def leave(self) -> None:
        """Lets the next one in."""
        self.statistics.in_use -= 1
        self._slots.release()

    async def _wait(self) -> None:
        if self.statistics.waiting >= self.waiting_max:
            self._refuse(f"{self.statistics.waiting} others are waiting already")
        self.statistics.waiting += 1
        try:
            async with asyncio.timeout(self.timeout_s):
                await self._slots.acquire()
        except TimeoutError:
            self._refuse(f"none became free within {self.timeout_s:g} s")
        finally:
            self.statistics.waiting -= 1

    def _refuse(self, why: str) -> None:
        self.statistics.exhausted_total += 1
        raise PoolExhausted(
            f"All {self.size} connections of the pool '{self.name}' are in use and {why}; nothing was written."
        )
