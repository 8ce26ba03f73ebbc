"""A revision that stands alone is run again after a kill: so it holds nothing that must not be done twice."""

from collections.abc import Iterable

from crossdock.kernel.migrations.history import MigrationsRefused
from crossdock.kernel.migrations.plan import Step
from crossdock.kernel.migrations.statement import statements
from crossdock.kernel.migrations.tool import Tool

RULE = "repeatable"
"""The lint's name for it, under which a revision may say why it is safe: an UPDATE of what is still NULL, say."""


async def check_repeatable(tools: dict[str, Tool], steps: Iterable[Step]) -> None:
    """Raises MigrationsRefused before anything is run."""
    for step in steps:
        revision = step.revision
        if not revision.stands_alone or RULE in revision.safe:
            continue
        sql = await tools[revision.chain].script(revision, step.direction)
        found = "what it asks the database" if sql is None else _unrepeatable(sql)
        if found:
            raise MigrationsRefused(
                f"{revision.key} commits statement by statement, and a killed run could not be repeated because of"
                f" {found}. Nothing was run. Put that into a revision of its own, in a transaction; or say why it can"
                f' be repeated: SAFE = {{"{RULE}": "..."}}.'
            )


def _unrepeatable(sql: str) -> str | None:
    for statement in statements(sql):
        if not statement.is_repeatable and statement.kind != "transaction_stmt":
            return statement.summary
    return None
