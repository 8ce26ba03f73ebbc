"""Does each invariant that isolation rests on hold in the database? `schema check` and the start of the service ask
the same."""

import asyncpg

from crossdock.config.settings import Settings
from crossdock.isolation import INVARIANTS, Broken, Severity, ask
from crossdock.operations.check import Check, failed, ok, warning
from crossdock.registry import Registry

NAME = "isolation"


async def look_at_isolation(direct: asyncpg.Connection, settings: Settings, registry: Registry) -> list[Check]:
    """A check for each invariant that does not hold, and one for all that do."""
    broken: dict[str, list[Broken]] = {}
    for each in await ask(direct, settings.direct.schema, registry, settings.pooled.user):
        broken.setdefault(each.invariant.name, []).append(each)
    found = [_check(name, rows) for name, rows in broken.items()]
    rest = len({invariant.name for invariant in INVARIANTS} - broken.keys())
    return [*found, ok(NAME, f"{rest}{' other' if found else ''} invariants hold")]


def _check(name: str, rows: list[Broken]) -> Check:
    worst = max(row.invariant.severity for row in rows)
    report = warning if worst is Severity.WEAKNESS else failed
    wrong = "\n".join(row.wrong for row in rows)
    return report(name, wrong, "\n".join(dict.fromkeys(row.remedy for row in rows)))
