"""PostgreSQL's table locks, from the weakest to the strongest, and what traffic has to wait behind each."""

from dataclasses import dataclass
from enum import IntEnum

ROWS = "writes of the same rows"
BLOCKS = ("nobody", ROWS, "writes", "reads and writes")
"""Whom a lock keeps waiting, from the least to the most. A changed row is locked until the commit."""


class Mode(IntEnum):
    """As in PostgreSQL's manual, "Explicit Locking", in its order."""

    ACCESS_SHARE = 1
    ROW_SHARE = 2
    ROW_EXCLUSIVE = 3
    SHARE_UPDATE_EXCLUSIVE = 4
    SHARE = 5
    SHARE_ROW_EXCLUSIVE = 6
    EXCLUSIVE = 7
    ACCESS_EXCLUSIVE = 8

    @property
    def label(self) -> str:
        """As `LOCK TABLE` spells it."""
        return self.name.replace("_", " ")

    @property
    def blocks(self) -> str:
        """Whom it keeps waiting for as long as it is held."""
        if self is Mode.ACCESS_EXCLUSIVE:
            return "reads and writes"
        return "writes" if self >= Mode.SHARE else "nobody"

    @classmethod
    def of(cls, name: str) -> "Mode":
        """From `pg_locks.mode`, as in `AccessExclusiveLock`."""
        return _OF_PG_LOCKS[name]


_OF_PG_LOCKS = {mode.name.title().replace("_", "") + "Lock": mode for mode in Mode}


@dataclass(frozen=True, slots=True, order=True)
class Lock:
    """A lock on a table. `is_index`: `table` names an index, and the lock is on the table that it belongs to.
    `is_read`: every row of it is read, whatever the statement does to the table that it names."""

    table: str
    mode: Mode
    is_index: bool = False
    is_read: bool = False
