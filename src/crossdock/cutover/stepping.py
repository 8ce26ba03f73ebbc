"""The step back that a module takes by itself."""

from typing import Any

import structlog

from crossdock.config.settings import MoveSettings
from crossdock.cutover.changes import StateChanged, at, change, look
from crossdock.cutover.gate import read_counts
from crossdock.cutover.ladder import away_from
from crossdock.transaction import Transaction

log = structlog.get_logger(__name__)

BY = "crossdock"


async def back_if_past(tx: Transaction, module: str, limits: MoveSettings) -> None:
    """Steps back where more mismatches were found at the stage than there may be. Of two processes that find it at once
    one does it."""

    async def fetchrow(sql: str, *arguments: Any) -> Any:
        return await tx.first(sql, arguments)

    state = await look(fetchrow, module)
    if not state.is_compared:
        return
    counts = await read_counts(fetchrow, state)
    different = {method: each.different for method, each in counts.items() if each.different}
    step = away_from(state)
    if sum(different.values()) <= limits.mismatches_max or step is None:
        return
    reason = (
        f"{sum(different.values())} mismatches: {', '.join(f'{name} {n}' for name, n in sorted(different.items()))}"
    )
    try:
        await change(fetchrow, state, at(state, step, tx.clock.now(), by=BY, reason=reason))
    except StateChanged:
        return
    log.error("stepped_back", module=module, stage=str(step), reason=reason)
