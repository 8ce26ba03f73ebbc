"""What the database says of one module: its stage, and whether it may be written to."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zlib import crc32

from crossdock.registry import Orm
from crossdock.stages.stage import Stage

EVERYTHING = "*"
"""In the place of a module's name: a row about all of them."""
HUNDRED = 100


@dataclass(frozen=True, slots=True)
class ModuleState:
    """A row of `module_states`. A module that has none is not moving, and may be written to.

    `share` is the percentage of scopes that the candidate answers for at RAMP, `sample` the percentage of units of work
    that are compared. `since` is when the stage began.
    """

    module: str
    control: Orm | None = None
    stage: Stage | None = None
    share: int = 0
    sample: int = 0
    since: datetime | None = None
    read_only: bool = False
    reason: str = ""
    changed_by: str = ""
    changed_at: datetime | None = None
    version: int = 0

    @property
    def candidate(self) -> Orm | None:
        """The ORM that the module is moving to; None where it is not moving."""
        return None if self.control is None or self.stage is Stage.HANDED_OVER else self.control.other

    @property
    def is_at_control(self) -> bool:
        """It is at the beginning of its path, and the control alone answers."""
        return self.control is not None and self.stage is Stage(self.control.value)

    @property
    def is_at_candidate(self) -> bool:
        """The candidate alone answers."""
        return self.candidate is not None and self.stage is Stage(self.candidate.value)

    @property
    def is_compared(self) -> bool:
        """It is on its path, neither at its beginning nor handed over."""
        return self.candidate is not None and not self.is_at_control

    @property
    def is_rehearsed(self) -> bool:
        """Its writes are compared, and not its reads alone."""
        return self.is_compared and self.stage is not Stage.SHADOW

    def orm_for(self, key: Any) -> Orm | None:
        """The ORM that answers for a scope, None where the manifest says it. `key` is the scope's.

        A scope keeps its answer while the share stays, and as the share grows: those of 1 % are among those of 10 %.
        """
        if self.candidate is None:
            return None
        if self.stage is Stage.RAMP:
            return self.candidate if place_of(self.module, key) < self.share else self.control
        return self.candidate if self.is_at_candidate else self.control


@lru_cache(maxsize=1024)
def not_moving(module: str) -> ModuleState:
    """The state of a module that has no row: one object, since most units of work ask for it."""
    return ModuleState(module)


def place_of(module: str, key: Any) -> int:
    """From 0 to 99, the same in every process. It differs between modules: no scope is always the first one."""
    return crc32(f"{module} {key!r}".encode()) % HUNDRED
