"""The open connections of a pool."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from crossdock.driver.settings import Driver


@dataclass(slots=True, eq=False)
class PooledConnection:
    """One connection, for its life. `entry` is what SQLAlchemy keeps of it, None on the pools of others.

    `keeps_session`: what is set stays set, as a transaction pooler in between would not have it.
    """

    driver: Driver
    entry: Any = None
    keeps_session: bool = False
    backend: int | None = field(init=False, default=None)
    """The id of PostgreSQL's process for it; None where a pooler may put another one in its place."""

    def __post_init__(self) -> None:
        if self.keeps_session:
            self.backend = self.driver.get_server_pid()


class PooledConnections:
    """A pool's connections; how many may be open at once is for the gate before it to say."""

    def __init__(self) -> None:
        self._all: set[PooledConnection] = set()
        self._idle: list[PooledConnection] = []

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[PooledConnection]:
        return iter(list(self._all))

    def take(self) -> PooledConnection | None:
        """The idle one that was used last. The driver notices an ended backend by itself: such a one is forgotten."""
        while self._idle:
            # The last one: it is warm, and those that are never needed stay idle.
            connection = self._idle.pop()
            if not connection.driver.is_closed():
                return connection
            self._all.discard(connection)
        return None

    def add(self, connection: PooledConnection) -> None:
        """A new one, which its opener uses first."""
        self._all.add(connection)

    def give(self, connection: PooledConnection) -> None:
        """Back from a unit of work."""
        if connection in self._all:  # the pool may have been closed meanwhile: then it holds none
            self._idle.append(connection)

    def drop(self, connection: PooledConnection) -> None:
        """It is not to be used again."""
        self._all.discard(connection)
