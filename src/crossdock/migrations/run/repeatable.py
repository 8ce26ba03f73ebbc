"""Refuses a revision that could not be run again after a kill: it is all or nothing, or each statement repeats."""

from collections.abc import Iterable, Mapping

from crossdock.migrations.history.reading import MigrationsRefused
from crossdock.migrations.plan import Step
from crossdock.migrations.revision import Revision
from crossdock.migrations.tools.formats import FORMATS
from crossdock.migrations.tools.tool import Tool
from crossdock.sql.locks import locks_of
from crossdock.sql.modes import Mode
from crossdock.sql.statement import Statement, statements

RULE = "repeatable"
"""The lint's name for it, under which a revision may say why it is safe: an UPDATE of what is still NULL, say."""

BOTH = "The two go together: write both, in a revision of its own, or neither."


async def check_repeatable(tools: Mapping[str, Tool], steps: Iterable[Step]) -> list[str | None]:
    """The SQL of each step, as `scripts` gives it. Raises MigrationsRefused before anything is run."""
    steps = list(steps)
    found = await scripts(tools, steps)
    for step, sql in zip(steps, found, strict=True):
        problem = None if step.is_there else _problem(step.revision, sql)
        if problem:
            raise MigrationsRefused(f"{step.revision.key} {problem} Nothing was run.")
    return found


async def scripts(tools: Mapping[str, Tool], steps: Iterable[Step]) -> list[str | None]:
    """The SQL of each step, None where it asks a database first; nothing where it is only written down."""
    return [
        "" if step.is_there else await tools[step.revision.chain].script(step.revision, step.direction)
        for step in steps
    ]


def _problem(revision: Revision, sql: str | None) -> str | None:
    if sql is None:
        return "stands alone, and what it does depends on the database." if revision.stands_alone else None
    found = statements(sql)
    if not revision.stands_alone:
        return next(filter(None, (_of_one_transaction(revision, statement) for statement in found)), None)
    block = FORMATS[revision.tool].block
    if block and found and not any(statement.kind == "transaction_stmt" for statement in found):
        return f"says RUN_IN_TRANSACTION = False, and its statements are in no {block}. {BOTH}"
    return next(filter(None, (_of_alone(revision, statement) for statement in found)), None)


def _of_one_transaction(revision: Revision, statement: Statement) -> str | None:
    if statement.must_stand_alone:
        return (
            f"cannot be one transaction, as PostgreSQL refuses this inside of one: {statement.summary}. Put it into a"
            " revision of its own that says RUN_IN_TRANSACTION = False."
        )
    if statement.kind == "transaction_stmt" and FORMATS[revision.tool].uses_block(revision):
        return (
            f"has statements in an {FORMATS[revision.tool].block}, and does not say RUN_IN_TRANSACTION = False. {BOTH}"
        )
    if statement.kind == "transaction_stmt" and statement.ends_transaction:
        return f"ends its own transaction ({statement.summary}), so that a part of it would stay: take that out."
    return None


def _of_alone(revision: Revision, statement: Statement) -> str | None:
    if statement.kind == "transaction_stmt":
        return None  # alembic's autocommit block
    if statement.kind == "index_stmt" and not statement.node.idxname:
        return f"builds an index without a name, which a killed run would build twice: {statement.summary}."
    is_shut = statement.kind == "vacuum_stmt" or not statement.must_stand_alone
    blocking = [lock.table for lock in locks_of(statement) if lock.mode >= Mode.SHARE and is_shut]
    if blocking:
        return (
            f"stands alone, where statements may wait for hours, and would block {blocking[0]} meanwhile:"
            f" {statement.summary}. Put that into a revision in a transaction."
        )
    if not statement.is_repeatable and RULE not in revision.safe:
        return (
            f"commits statement by statement, and a killed run could not be repeated because of {statement.summary}."
            f' Put that into a revision in a transaction; or say why it can be repeated: SAFE = {{"{RULE}": "..."}}.'
        )
    return None
