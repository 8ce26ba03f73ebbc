"""How the migrations look in a terminal, and as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from rich.markup import escape

from crossdock.cli.output import emit, say, table
from crossdock.kernel.migrations.preview import PlannedStatement, PlannedStep, TableLock
from crossdock.kernel.migrations.revision import Direction
from crossdock.kernel.migrations.status import ChainStatus
from crossdock.kernel.migrations.trace import TakenLock, in_words

COLOURS = {"nobody": "dim", "writes": "yellow", "reads and writes": "red"}


def show_status(
    chains: Sequence[ChainStatus],
    database: dict[str, Any],
    *,
    as_json: bool,
    locks: Sequence[TakenLock] | None = None,
) -> None:
    """Where each chain stands, and on which database; `locks` are those of a run that was traced."""
    is_current = all(chain.is_current for chain in chains)
    if as_json:
        traced = {} if locks is None else {"locks": [_lock_json(lock) for lock in locks]}
        emit({"current": is_current, **database, "chains": [asdict(chain) for chain in chains], **traced})
        return
    if locks is not None:
        _show_locks(locks)
    rows = [
        (chain.name, chain.tool, _names(chain.applied), _names(chain.pending), _names(chain.unknown))
        for chain in chains
    ]
    mark = ", marked as production" if database["production"] else ""
    title = f"Migrations of {database['database']}, schema {database['schema']} ({database['server']}{mark})"
    table(escape(title), ("chain", "tool", "applied", "pending", "unknown"), rows)
    for problem in (problem for chain in chains for problem in chain.problems):
        say(f"[red]{escape(problem)}[/]")
    if is_current:
        say("Both chains are at their heads.")
    elif not any(chain.problems for chain in chains):
        say("Next: `crossdock migrate plan`, then `crossdock migrate up`.")


def _show_locks(locks: Sequence[TakenLock]) -> None:
    if not locks:
        say("No lock was taken on a table that was there before.")
    for lock in locks:
        say(f"[{COLOURS[lock.mode.blocks]}]{escape(in_words(lock))}[/]")


def _lock_json(lock: TakenLock) -> dict[str, Any]:
    return asdict(lock) | {"mode": lock.mode.label, "blocks": lock.mode.blocks}


def _names(revisions: Sequence[str]) -> str:
    return "\n".join(revisions) or "-"


def show_plan(plan: Sequence[PlannedStep], direction: Direction, *, as_json: bool) -> None:
    """Every step with its statements, and first of all what traffic will feel."""
    if as_json:
        emit({"direction": direction.value, "steps": [_as_json(planned) for planned in plan]})
        return
    if not plan:
        say("There is nothing to do.")
        return
    say(f"[bold]{len(plan)} step{'s' if len(plan) > 1 else ''} {direction.value}.[/] {_verdict(plan)}")
    for number, planned in enumerate(plan, 1):
        say("")
        for line in _step_lines(number, planned):
            say(line)


def _verdict(plan: Sequence[PlannedStep]) -> str:
    unknown = any(planned.statements is None for planned in plan)
    feeling = sorted({lock.table for planned in plan for lock in planned.worst})
    if feeling:
        return f"Traffic waits for locks on {', '.join(feeling)}, each until its revision commits."
    return "What it will lock cannot be told for every step." if unknown else "No traffic waits for any of it."


def _step_lines(number: int, planned: PlannedStep) -> Iterator[str]:
    revision = planned.step.revision
    kind = "each statement commits by itself" if revision.stands_alone else "one transaction"
    resumed = ", goes on where an earlier run ended" if planned.step.is_resumed and revision.stands_alone else ""
    yield f"[bold]{number}. {revision.key}[/] ({kind}{resumed})"
    if revision.summary:
        yield f"   {escape(revision.summary)}"
    if revision.needs:
        yield f"   [dim]needs {', '.join(revision.needs)}[/]"
    for lock in planned.worst:
        yield f"   [{COLOURS[lock.blocks]}]blocks {lock.blocks} of {lock.table}[/] {_size(lock)}"
    if planned.statements is None:
        yield "   It asks the database before it knows what to do: its SQL and its locks cannot be told."
    for statement in planned.statements or ():
        yield from _statement_lines(statement)


def _statement_lines(statement: PlannedStatement) -> Iterator[str]:
    sql = escape(statement.sql.strip()).replace("\n", "\n     ")
    yield f"   - {sql};"
    if statement.is_opaque:
        yield "     [yellow]runs code in the server: its locks cannot be told[/]"
    for lock in statement.locks:
        what = "a table of this plan" if lock.is_new else f"blocks {lock.blocks}"
        yield f"     [{COLOURS[lock.blocks]}]{lock.mode.label} on {lock.table}: {what}[/]"


def _size(lock: TableLock) -> str:
    return f"(about {lock.rows:,} rows, {lock.bytes / 1_048_576:,.1f} MB) until this revision commits"


def _as_json(planned: PlannedStep) -> dict[str, Any]:
    step, revision = planned.step, planned.step.revision
    return {
        "revision": revision.key,
        "direction": step.direction.value,
        "summary": revision.summary,
        "needs": list(revision.needs),
        "in_transaction": not revision.stands_alone,
        "resumed": step.is_resumed,
        "statements": None if planned.statements is None else [_statement_json(each) for each in planned.statements],
    }


def _statement_json(statement: PlannedStatement) -> dict[str, Any]:
    return {
        "sql": statement.sql,
        "locks_known": not statement.is_opaque,
        "locks": [
            {
                "table": lock.table,
                "mode": lock.mode.label,
                "blocks": lock.blocks,
                "rows": lock.rows,
                "bytes": lock.bytes,
            }
            for lock in statement.locks
        ],
    }
