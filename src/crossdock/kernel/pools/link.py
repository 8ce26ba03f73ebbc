"""The open connections of a pool, and what is set in the session of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crossdock.kernel.pools.tortoise_backend import Driver

FRESH: None = None
"""A session in which nothing of a tenant is set."""


@dataclass(slots=True, eq=False)
class Link:
    """One connection, for its life. `entry` is what SQLAlchemy keeps of it, None on the pools of others.

    `keeps_session`: what is set stays set, as a transaction pooler in between would not have it. `bound_to` is the
    tenant whose settings the session has; only `kernel.transaction` changes it.
    """

    driver: Driver
    entry: Any = None
    keeps_session: bool = False
    bound_to: Any = FRESH


class Links:
    """A pool's connections; how many may be open at once is for the gate before it to say."""

    def __init__(self) -> None:
        self._all: set[Link] = set()
        self._idle: list[Link] = []

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Link]:
        return iter(list(self._all))

    def take(self, wanted: Any) -> Link | None:
        """An idle one: the last used of those bound to `wanted`, else one bound to nobody, else the longest unused.

        The last rule lets the tenants that are busy keep their connections.
        """
        self._forget_closed()
        if not self._idle:
            return None
        suitable = (link for link in reversed(self._idle) if link.bound_to == wanted)
        fresh = (link for link in reversed(self._idle) if link.bound_to is FRESH)
        link = next(suitable, None) or next(fresh, None) or self._idle[0]
        self._idle.remove(link)
        return link

    def add(self, link: Link) -> None:
        """A new one, which its opener uses first."""
        self._all.add(link)

    def give(self, link: Link) -> None:
        """Back from its user."""
        if link in self._all:  # a closed pool has none
            self._idle.append(link)

    def drop(self, link: Link) -> None:
        """It is not to be used again."""
        self._all.discard(link)

    def _forget_closed(self) -> None:
        """The driver notices an ended backend by itself; the others of the same server are gone too, mostly."""
        closed = [link for link in self._idle if link.driver.is_closed()]
        for link in closed:
            self._idle.remove(link)
            self._all.discard(link)
