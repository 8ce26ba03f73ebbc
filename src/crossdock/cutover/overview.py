"""All modules at a glance, as any process of the service can read them: where each is, and what was compared there."""

from collections import defaultdict
from dataclasses import fields
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, and_, select

from crossdock.config.settings import MoveSettings
from crossdock.cutover.gate import Progress, obstacles
from crossdock.cutover.mismatch import Mismatch
from crossdock.cutover.tally import Counts
from crossdock.documents import Page
from crossdock.models.tables import COUNTS, OwnTables
from crossdock.registry import Registry
from crossdock.stages import EVERYTHING, ModuleState
from crossdock.stages.watching import state_of
from crossdock.transaction import Unit

NUMBER_MAX = 2**63 - 1


async def progress_of_all(unit: Unit, registry: Registry, limits: MoveSettings) -> dict[str, Progress]:
    """By module, in the order of the manifests; EVERYTHING first. Two statements, however many modules move."""
    table = OwnTables.of(registry.application).module_states
    rows = await unit.sql.execute(_of(table, ModuleState))
    known = {row["module"]: state_of(row) for row in rows.mappings()}
    counts, now = await _counts(unit, registry), unit.clock.now()
    found = {}
    for name in (EVERYTHING, *registry.modules):
        state = known.get(name, ModuleState(name))
        in_the_way = tuple(obstacles(registry, state, counts[name], limits, now))
        found[name] = Progress(state, counts[name], in_the_way)
    return found


async def _counts(unit: Unit, registry: Registry) -> dict[str, dict[str, Counts]]:
    """Module → method → what was counted since the module's stage began."""
    own = OwnTables.of(registry.application)
    states, comparisons = own.module_states.c, own.module_comparisons.c
    of_this_stage = and_(states.module == comparisons.module, states.since == comparisons.since)
    rows = await unit.sql.execute(
        select(own.module_comparisons).join(own.module_states, of_this_stage).order_by(comparisons.method)
    )
    found: dict[str, dict[str, Counts]] = defaultdict(dict)
    for row in rows.mappings():
        found[row["module"]][row["method"]] = Counts(**{name: row[name] for name in COUNTS})
    return found


async def mismatch_page(unit: Unit, registry: Registry, module: str, page: Page) -> tuple[list[Mismatch], str | None]:
    """Those of a module, the newest first, with secrets masked; and the cursor of the next page.

    A cursor is a UUID for every list of the service, so a number travels as one.
    """
    table = OwnTables.of(registry.application).module_mismatches
    query = _of(table, Mismatch).where(table.c.module == module).order_by(table.c.number.desc()).limit(page.fetch)
    if isinstance(page.after, UUID):
        query = query.where(table.c.number < min(page.after.int, NUMBER_MAX))
    rows = (await unit.sql.execute(query)).mappings().all()
    shown, cursor = page.cut(rows, lambda row: UUID(int=row["number"]))
    return [Mismatch(**row) for row in shown], cursor


def _of(table: Table, kind: Any) -> Select[Any]:
    """The columns of a table that a dataclass has."""
    return select(*(table.c[each.name] for each in fields(kind)))
