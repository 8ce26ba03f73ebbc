"""Refuses to go below a revision that makes tables and has no downgrade: its tables would stay, and it could not run
again. aerich writes its first revision so."""

from collections.abc import Mapping, Sequence

from crossdock.migrations.history.reading import MigrationsRefused
from crossdock.migrations.plan import Step
from crossdock.migrations.revision import Direction
from crossdock.migrations.tools.tool import Tool
from crossdock.models.names import MACHINERY
from crossdock.sql.statement import statements


async def check_undoable(tools: Mapping[str, Tool], steps: Sequence[Step], scripts: Sequence[str | None]) -> None:
    """`scripts` are those of the steps, which go down. Raises MigrationsRefused before anything is run."""
    for step, sql in zip(steps, scripts, strict=True):
        if sql is None or statements(sql):
            continue
        made = await _made(tools, step)
        if made:
            key = f"{step.revision.chain}:{step.revision.number}"
            raise MigrationsRefused(
                f"{step.revision.key} makes {', '.join(made)}, and its downgrade is empty: they would stay, and it"
                f" could not run again. Say that it stays, with `crossdock migrate down {key}`; or let its downgrade"
                " drop them, with their rows. Nothing was run."
            )


async def _made(tools: Mapping[str, Tool], step: Step) -> list[str]:
    up = await tools[step.revision.chain].script(step.revision, Direction.UP)
    found = [statement for statement in statements(up or "") if statement.kind == "create_stmt"]
    return sorted({statement.node.relation.relname for statement in found} - MACHINERY)
