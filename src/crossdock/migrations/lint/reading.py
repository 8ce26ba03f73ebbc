"""A revision read for the lint: its statements, up and down, and which of them share a transaction."""

from collections.abc import Mapping
from dataclasses import dataclass

from crossdock.migrations.revision import BrokenChain, Direction, Revision
from crossdock.migrations.tools.formats import FORMATS
from crossdock.migrations.tools.tool import Tool
from crossdock.sql.statement import NotSql, Statement, statements


@dataclass(frozen=True, slots=True)
class Placed:
    """A statement of a revision. `number` counts from 1; those of one `transaction` commit together, and None commits
    by itself."""

    statement: Statement
    number: int
    direction: Direction
    transaction: int | None


@dataclass(frozen=True, slots=True)
class Script:
    """One direction of a revision. `trouble` says why there are no statements, when they cannot be read."""

    placed: tuple[Placed, ...] = ()
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Both directions of a revision."""

    revision: Revision
    up: Script
    down: Script


async def read(revision: Revision, tools: Mapping[str, Tool]) -> Reading:
    """No database is asked. What cannot be read is said in the scripts."""
    tool = tools[revision.chain]
    return Reading(
        revision,
        await _script(revision, tool, Direction.UP),
        await _script(revision, tool, Direction.DOWN),
    )


async def _script(revision: Revision, tool: Tool, direction: Direction) -> Script:
    try:
        sql = await tool.script(revision, direction)
        found = statements(sql or "")
    except (BrokenChain, NotSql) as error:
        return Script(trouble=str(error))
    except Exception as error:  # a revision is anybody's code: whatever it raises is why it cannot be read
        return Script(trouble=f"{direction.value} raises {type(error).__name__}: {error}.")
    if sql is None:
        return Script(trouble=f"{direction.value} asks a database before it knows what to do.")
    return Script(tuple(_placed(revision, direction, found)))


def _placed(revision: Revision, direction: Direction, found: list[Statement]) -> list[Placed]:
    """alembic's autocommit block shows as a COMMIT before it and a BEGIN behind it."""
    format = FORMATS[revision.tool]
    has_block = format.uses_block(revision)
    transaction: int | None = None if revision.stands_alone and not format.block else 1
    count, placed = 1, list[Placed]()
    for statement in found:
        if has_block and statement.kind == "transaction_stmt":
            count += 1
            transaction = count if transaction is None else None
        else:
            placed.append(Placed(statement, len(placed) + 1, direction, transaction))
    return placed
