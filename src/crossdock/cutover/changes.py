"""Changes of a module's state: one row, changed by compare and swap, and told to every process by its trigger."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from crossdock.cutover.ladder import Step
from crossdock.errors import Conflict
from crossdock.registry import Orm
from crossdock.stages import ModuleState, Stage
from crossdock.stages.watching import COLUMNS, state_of

Fetch = Callable[..., Awaitable[Any]]
"""A driver's `fetchrow(sql, *arguments)`, or what does the same in a unit of work."""

LOOK = f"SELECT {COLUMNS} FROM module_states WHERE module = $1"  # noqa: S608  columns of our own
ALL = f"SELECT {COLUMNS} FROM module_states ORDER BY module"  # noqa: S608
WRITE = f"""
INSERT INTO module_states AS s (id, {COLUMNS}) VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)
ON CONFLICT (module) DO UPDATE SET control = $2, stage = $3, share = $4, sample = $5, since = $6, read_only = $7,
    reason = $8, changed_by = $9, changed_at = $10, version = s.version + 1 WHERE s.version = $11
RETURNING {COLUMNS}
"""  # noqa: S608


class NotMoving(Conflict):
    """The module is not moving.

    Begin with `crossdock move start`.
    """


class StateChanged(Conflict):
    """Somebody else has changed the state of this module meanwhile.

    Look at it again (`crossdock move status`), and decide anew.
    """


async def look(fetchrow: Fetch, module: str) -> ModuleState:
    """The state as the database has it now."""
    row = await fetchrow(LOOK, module)
    return ModuleState(module) if row is None else state_of(row)


async def change(fetchrow: Fetch, before: ModuleState, after: ModuleState) -> ModuleState:
    """Raises StateChanged where the row is not as it was in `before` any more."""
    control = None if after.control is None else after.control.value
    stage = None if after.stage is None else after.stage.value
    values = (after.module, control, stage, after.share, after.sample, after.since, after.read_only)
    said = (after.reason, after.changed_by, after.changed_at)
    row = await fetchrow(WRITE, *values, *said, before.version)
    if row is None:
        raise StateChanged(f"The state of {before.module} was changed meanwhile: look at it again, and decide anew.")
    return state_of(row)


def at(state: ModuleState, step: Step, now: datetime, *, by: str, reason: str) -> ModuleState:
    """The state at another step. Its comparisons begin anew."""
    return replace(state, stage=step.stage, share=step.share, since=now, changed_at=now, changed_by=by, reason=reason)


def started(state: ModuleState, control: Orm, sample: int, now: datetime, *, by: str, reason: str) -> ModuleState:
    """At the first step away from an ORM."""
    begun = replace(state, control=control, sample=sample)
    return at(begun, Step(Stage.SHADOW), now, by=by, reason=reason)
