"""Shows a plan in a terminal, or as JSON. What traffic has to wait for, and what is lost, comes first."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.markup import escape

from crossdock.cli.migrate.show import COLOURS
from crossdock.cli.output import emit, say
from crossdock.migrations.preview.preview import Plan, PlannedStatement, PlannedStep, Rebuild, TableLock
from crossdock.migrations.revision import Direction, Revision
from crossdock.sql.losses import Loss
from crossdock.sql.modes import ROWS
from crossdock.sql.rows import Work

SHOWN = 5
"""Partitions in a line."""


def show_plan(plan: Plan, direction: Direction, *, as_json: bool) -> None:
    """Every step with its statements, after a verdict on all of them."""
    if as_json:
        emit(_as_json(plan, direction))
        return
    for line in _lines(plan, direction):
        say(line)


def _lines(plan: Plan, direction: Direction) -> Iterator[str]:
    if not plan.steps:
        yield "No step is pending." if plan.rebuilds else "There is nothing to do."
    else:
        yield f"[bold]{len(plan)} step{'s' if len(plan) > 1 else ''} {direction.value}.[/] {' '.join(_verdict(plan))}"
    for number, planned in enumerate(plan, 1):
        yield ""
        yield from _step_lines(number, planned)
    if plan.rebuilds:
        yield ""
        yield "Indexes that are INVALID, which a killed or failed build left; `crossdock migrate up` ends with them:"
        yield from (f"   - {_rebuild(each)}" for each in plan.rebuilds)


def _verdict(plan: Plan) -> Iterator[str]:
    steps = [planned for planned in plan if planned.worst]
    ends = {_until(planned.step.revision) for planned in steps}
    until = f", each {ends.pop()}" if len(ends) == 1 else ""
    shut, rows = _felt(steps, lambda blocks: blocks != ROWS), _felt(steps, lambda blocks: blocks == ROWS)
    if shut:
        yield f"Traffic waits for locks on {shut}{until}."
    if rows:
        yield f"Whoever changes the same rows of {rows} waits{until}."
    if plan.destroys:
        yield f"[red]Destroys {_lost(plan.destroys)}.[/]"
    if any(planned.is_untold for planned in plan):
        yield "[yellow]What it locks and destroys is not known for every step.[/]"
    elif not steps:
        yield "No traffic waits for any of it."


def _felt(steps: Sequence[PlannedStep], is_meant: Callable[[str], bool]) -> str:
    """Each table once; partitions and children go by the name of the table that they stand under."""
    found = {lock.under or lock.table for planned in steps for lock in planned.worst if is_meant(lock.blocks)}
    return escape(", ".join(sorted(found)))


def destroyed(plan: Plan) -> str:
    """For the question before it is done."""
    lost = ", ".join(dict.fromkeys(loss.words for loss in plan.destroys))
    said = f"This destroys {lost}." if lost else "Nothing that the plan can see is destroyed."
    dark = [planned.step.revision.key for planned in plan if planned.is_untold]
    return f"{said} What {', '.join(dark)} destroys is not known." if dark else said


def _lost(losses: Sequence[Loss]) -> str:
    return escape(", ".join(dict.fromkeys(loss.words for loss in losses)))


def _until(revision: Revision) -> str:
    return "while its statement runs" if revision.stands_alone else "until its revision commits"


def _step_lines(number: int, planned: PlannedStep) -> Iterator[str]:
    revision = planned.step.revision
    kind = "each statement commits by itself" if revision.stands_alone else "one transaction"
    resumed = ", goes on where an earlier run ended" if planned.step.is_resumed and revision.stands_alone else ""
    yield f"[bold]{number}. {escape(revision.key)}[/] ({kind}{resumed})"
    if revision.summary:
        yield f"   {escape(revision.summary)}"
    if revision.needs:
        yield f"   [dim]needs {escape(', '.join(revision.needs))}[/]"
    for rule, reason in revision.safe.items():
        yield f"   [dim]{escape(f'safe in spite of {rule}: {reason}')}[/]"
    for lock, below in _families(planned.worst):
        yield f"   [{COLOURS[lock.blocks]}]blocks {lock.blocks} of {escape(lock.table)}[/] {_held(lock, revision)}"
        yield from (f"     [dim]{line}[/]" for line in _below(below))
    if planned.statements is None:
        yield "   [yellow]asks the database before it knows what to do: its SQL and its locks are not known before[/]"
    for statement in planned.statements or ():
        yield from _statement_lines(statement)


def _held(lock: TableLock, revision: Revision) -> str:
    """The rows are what makes a lock long."""
    until = "while it runs" if revision.stands_alone else "until this revision commits"
    work = f", {lock.work.label}" if lock.work >= Work.ALL_READ else ""
    return f"{_size(lock)}{until}{work}"


def _size(lock: TableLock) -> str:
    return f"({lock.size.words}) " if lock.size else ""


def _statement_lines(statement: PlannedStatement) -> Iterator[str]:
    sql = escape(statement.sql.strip()).replace("\n", "\n     ")
    yield f"   - {sql};"
    for loss in statement.destroys:
        yield f"     [red]destroys {escape(loss.words)}[/]"
    if statement.opaque:
        yield f"     [yellow]its locks are not known: {escape(statement.opaque)}[/]"
    for lock, below in _families(statement.locks):
        yield f"     [{COLOURS[lock.blocks]}]{lock.mode.label} on {escape(lock.table)}: {_what(lock)}[/]"
        yield from (f"       [dim]{line}[/]" for line in _below(below))


def _families(locks: Sequence[TableLock]) -> list[tuple[TableLock, list[TableLock]]]:
    """Each lock with those on what stands under its table."""
    heads = {lock.table for lock in locks}
    first = [lock for lock in locks if lock.under not in heads]
    return [(lock, [each for each in locks if each.under == lock.table]) for lock in first]


def _below(locks: Sequence[TableLock]) -> Iterator[str]:
    """The same lock and work on several tables in one line."""
    groups: dict[tuple[str, str], list[TableLock]] = {}
    for lock in locks:
        groups.setdefault((lock.mode.label, lock.work.label), []).append(lock)
    for (mode, work), group in groups.items():
        names = ", ".join(lock.table for lock in group[:SHOWN])
        more = f" and {len(group) - SHOWN} more" if len(group) > SHOWN else ""
        yield escape(f"{mode} under it, {work}: {names}{more}")


def _what(lock: TableLock) -> str:
    if lock.is_made:
        return "a table of this plan"
    if lock.size is None:
        return f"not in this schema, blocks {lock.blocks}"
    much = f" ({lock.size.words})" if lock.work > Work.CATALOGUE else ""
    return f"blocks {lock.blocks}, {lock.work.label}{much}"


def _rebuild(each: Rebuild) -> str:
    done = "dropped, a killed REINDEX left it" if each.is_left_over else "built again"
    return escape(f"{each.index} on {each.table} ({each.size.words}): {done}, blocks nobody")


def _as_json(plan: Plan, direction: Direction) -> dict[str, Any]:
    return {
        "direction": direction.value,
        "steps": [_step_json(planned) for planned in plan],
        "destroys": [_loss_json(loss) for loss in plan.destroys],
        "rebuilds": [
            {"index": each.index, "table": each.table, "dropped": each.is_left_over} for each in plan.rebuilds
        ],
    }


def _step_json(planned: PlannedStep) -> dict[str, Any]:
    step, revision = planned.step, planned.step.revision
    return {
        "revision": revision.key,
        "direction": step.direction.value,
        "summary": revision.summary,
        "needs": list(revision.needs),
        "safe": dict(revision.safe),
        "in_transaction": not revision.stands_alone,
        "resumed": step.is_resumed,
        "statements": None if planned.statements is None else [_statement_json(each) for each in planned.statements],
    }


def _statement_json(statement: PlannedStatement) -> dict[str, Any]:
    return {
        "sql": statement.sql,
        "locks_known": not statement.is_opaque,
        "locks_unknown_because": statement.opaque,
        "locks": [_lock_json(lock) for lock in statement.locks],
        "destroys": [_loss_json(loss) for loss in statement.destroys],
    }


def _lock_json(lock: TableLock) -> dict[str, Any]:
    return {
        "table": lock.table,
        "mode": lock.mode.label,
        "blocks": lock.blocks,
        "work": lock.work.label,
        "new": lock.is_made,
        "under": lock.under,
        "rows": lock.size.rows if lock.size else None,
        "bytes": lock.size.bytes if lock.size else None,
    }


def _loss_json(loss: Loss) -> dict[str, Any]:
    return {
        "kind": loss.kind,
        "table": loss.table,
        "column": loss.column,
        "rows": loss.size.rows,
        "bytes": loss.size.bytes,
        "words": loss.words,
    }
