"""A bounded waiting room before a pool: who may hold a connection, who waits and how long, and the counters of both.

The pools of the two ORMs wait, count and time out in different ways. One gate as wide as the pool stands before each,
so that the pool behind it never has to wait, and all pools behave, and are measured, the same.
"""

import asyncio
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass
from typing import NoReturn

from crossdock.errors import PoolExhausted

Waiter = asyncio.Future[None]


@dataclass(slots=True)
class GateStatistics:
    """Counters since start; `in_use` and `waiting` are now."""

    in_use: int = 0
    in_use_max: int = 0
    waiting: int = 0
    acquired_total: int = 0
    exhausted_total: int = 0


class Gate:
    """At most `size` holders; at most `waiting_max` wait, each for at most `timeout_s`.

    Whoever waits does so in the queue of their tenant, and the queues take turns: of a tenant that sends a thousand
    requests at once, others wait for one at a time. In a full room the longest queue gives way.
    """

    def __init__(self, name: str, size: int, *, timeout_s: float, waiting_max: int) -> None:
        self.name = name
        self.size = size
        self.timeout_s = timeout_s
        self.waiting_max = waiting_max
        self.statistics = GateStatistics()
        self._free = size
        self._queues: dict[Hashable, deque[Waiter]] = {}
        """Whose turn it is comes first. A slot that comes free while somebody waits is handed on, and never free."""

    def __repr__(self) -> str:
        now = self.statistics
        return f"<Gate {self.name} {now.in_use}/{self.size} in use, {now.waiting} waiting>"

    @property
    def is_full(self) -> bool:
        """Whoever comes now has to wait."""
        return self._free == 0

    async def enter(self, who: Hashable = None) -> None:
        """`who` is the tenant, None the platform. Raises PoolExhausted past the limits."""
        if self._free:
            # No `await` between the look and the step: of two callers one would pass who should wait.
            self._free -= 1
        else:
            await self._wait(who)  # it was handed a slot, or it raises
        now = self.statistics
        now.in_use += 1
        now.acquired_total += 1
        now.in_use_max = max(now.in_use_max, now.in_use)

    def leave(self) -> None:
        """Lets the next one in."""
        self.statistics.in_use -= 1
        self._hand_on()

    def _hand_on(self) -> None:
        """Gives a slot to the tenant whose turn it is, and its turn to the next one."""
        while self._queues:
            who = next(iter(self._queues))
            queue = self._queues.pop(who)
            waiter = queue.popleft()
            if queue:
                self._queues[who] = queue  # the last one now
            # A cancelled waiter stays in its queue until its own task has run: it is passed over.
            if not waiter.done():
                # The slot goes to this one, and is never free in between: nobody who comes now can overtake.
                waiter.set_result(None)
                return
        self._free += 1

    async def _wait(self, who: Hashable) -> None:
        if self.statistics.waiting >= self.waiting_max:
            self._make_room(who)
        waiter: Waiter = asyncio.get_running_loop().create_future()
        self._queues.setdefault(who, deque()).append(waiter)
        self.statistics.waiting += 1
        try:
            async with asyncio.timeout(self.timeout_s):
                await waiter
        except TimeoutError:
            # The limit and a slot may come in the same turn of the loop: `_forget` hands that slot on.
            self._forget(who, waiter)
            self._refuse(f"none became free within {self.timeout_s:g} s")
        except asyncio.CancelledError:
            self._forget(who, waiter)
            raise
        finally:
            self.statistics.waiting -= 1

    def _forget(self, who: Hashable, waiter: Waiter) -> None:
        """A cancelled waiter leaves its queue. Was it given a slot in the same moment, that goes to the next one."""
        queue = self._queues.get(who, deque())
        if waiter in queue:
            queue.remove(waiter)
            if not queue:
                del self._queues[who]
        elif not waiter.cancelled() and waiter.exception() is None:
            # It had been given a slot, and cannot use it any more.
            self._hand_on()

    def _make_room(self, who: Hashable) -> None:
        """Refuses the last waiter of the tenant that has most waiting. Where that is `who`, or has no more waiting
        than `who` would have, whoever has come is refused: raises PoolExhausted."""
        why = f"{self.statistics.waiting} others are waiting already"
        longest = max(self._queues, key=lambda each: len(self._queues[each]), default=who)
        if len(self._queues.get(longest, ())) <= len(self._queues.get(who, ())) + 1:
            self._refuse(why)
        last = self._queues[longest].pop()
        if not last.done():
            last.set_exception(self._exhausted(why))

    def _refuse(self, why: str) -> NoReturn:
        raise self._exhausted(why)

    def _exhausted(self, why: str) -> PoolExhausted:
        self.statistics.exhausted_total += 1
        return PoolExhausted(
            f"All {self.size} connections of the pool '{self.name}' are in use and {why}; nothing was written."
        )
