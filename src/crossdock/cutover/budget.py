"""The time that a process gives to comparisons: a share of the time that passes."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SAVED_S = 60.0
"""What is not used is saved for so long: a quiet minute lets the next burst of calls be compared."""


class Budget:
    """Time comes in as it passes, and what a comparison takes goes out when it has ended.

    It is the time of the clock, and that is the point: in a process that has nothing else to do a comparison is short,
    and all that were drawn are made. In a busy one each takes longer, so fewer are made, and requests keep their rate.
    """

    def __init__(self, share: float, clock: Callable[[], float] = time.monotonic) -> None:
        """`share` of 0.05: three seconds of each minute. Over 1, several at a time."""
        self._share = share
        self._clock = clock
        self._left_s = self._most_s = share * SAVED_S
        self._filled_at = clock()

    @property
    def has_room(self) -> bool:
        """Whether one more comparison may begin."""
        now = self._clock()
        self._left_s = min(self._most_s, self._left_s + (now - self._filled_at) * self._share)
        self._filled_at = now
        return self._left_s > 0

    @contextmanager
    def spending(self) -> Iterator[None]:
        """The block is a comparison. Where it takes more than there is, the next ones wait until that is made up."""
        began = self._clock()
        try:
            yield
        finally:
            self._left_s -= self._clock() - began
