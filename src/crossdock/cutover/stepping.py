"""The step back that a module takes by itself."""

from typing import Any

from crossdock.config.settings import MoveSettings
from crossdock.cutover.changes import StateChanged, at, change, look
from crossdock.cutover.events import ModuleSteppedBack
from crossdock.cutover.gate import read_counts, several
from crossdock.cutover.ladder import Step, away_from
from crossdock.ids import Ids, key_of_name
from crossdock.stages import ModuleState
from crossdock.transaction import Transaction

BY = "crossdock"


async def back_if_past(tx: Transaction, module: str, limits: MoveSettings, ids: Ids) -> ModuleSteppedBack | None:
    """Steps back where more mismatches were found at the stage than there may be, and emits the event that it returns.
    Of two processes that find it at once one does it."""

    async def fetchrow(sql: str, *arguments: Any) -> Any:
        return await tx.first(sql, arguments)

    state = await look(fetchrow, module)
    step = away_from(state) if state.is_compared else None
    if step is None:
        return None
    counts = await read_counts(fetchrow, state)
    different = {method: each.different for method, each in sorted(counts.items()) if each.different}
    if sum(different.values()) <= limits.mismatches_max:
        return None
    reason = (
        f"{several(sum(different.values()), 'mismatch')}: {', '.join(f'{name} {n}' for name, n in different.items())}"
    )
    try:
        await change(fetchrow, state, at(state, step, tx.clock.now(), by=BY, reason=reason))
    except StateChanged:
        return None
    event = _event(state, step, reason, ids)
    tx.emit(event)
    return event


def _event(before: ModuleState, step: Step, reason: str, ids: Ids) -> ModuleSteppedBack:
    assert before.stage is not None
    return ModuleSteppedBack(
        subject_id=key_of_name(before.module, ids),
        module=before.module,
        from_stage=str(Step(before.stage, before.share)),
        to_stage=str(step),
        reason=reason,
    )
