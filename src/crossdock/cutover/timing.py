"""How long each store takes for the same call, where neither of them waits for a lock.

A rehearsal asks the other store first. So where several transactions want the same rows, that store waits for them, and
the one that answers finds them free, or the other way round. Neither time says which store is slower.
"""

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from crossdock.cutover.outcome import Outcome

ONE_IN = 10
"""How many of a method's calls are timed, once enough are: each asks the store that answers once more."""

Trial = Callable[[], Awaitable[Outcome]]
"""Asks one store in a savepoint that is undone, and gives up where it would have to wait for a lock."""


class Timing:
    """Of one process. `wanted` are the calls of each method that the gate asks for."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._timed: Counter[Any] = Counter()
        self._seen: Counter[Any] = Counter()

    def is_due(self, place: Any) -> bool:
        """Whether the next call of a method at its stage is timed."""
        self._seen[place] += 1
        return self._timed[place] < self._wanted or self._seen[place] % ONE_IN == 0

    async def both(self, place: Any, served: Trial, other: Trial) -> tuple[Outcome, Outcome | None]:
        """The outcome of the other store, and that of the one that answers, None where the times say nothing.

        They begin by turns: the first one reads from the disk what the second one finds in memory.
        """
        if self._timed[place] % 2:
            mine = await served()
            rehearsed = await other()
        else:
            rehearsed = await other()
            if not says_something(rehearsed):
                return rehearsed, None
            mine = await served()
        if not (says_something(mine) and says_something(rehearsed)):
            return rehearsed, None
        self._timed[place] += 1
        return rehearsed, mine


def says_something(outcome: Outcome) -> bool:
    """Whether its time is that of the store's own work."""
    return not outcome.is_outage and not outcome.is_late
