"""`crossdock move status` and `history`: where the modules are, and how they came there."""

import asyncio
import time
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.live import Live
from rich.markup import escape

from crossdock.cli.database import command_settings, with_database
from crossdock.cli.move.operator import LAST, Last, Name, newest, run, say_more, where
from crossdock.cli.output import AsJson, drawn, emit, say, show, table
from crossdock.cutover.gate import Progress
from crossdock.cutover.ladder import following
from crossdock.cutover.leftover import left_over
from crossdock.cutover.operating import Operations
from crossdock.registry import Registry
from crossdock.stages import EVERYTHING, ModuleState, Stage

EVERY_S = 1.0
COLUMNS = ("method", "same", "mismatches", "noise", "unclear", "dropped", "control, ms", "candidate, ms")


def register(app: typer.Typer) -> None:
    for command in (status, history):
        app.command()(command)


def status(
    name: Annotated[str | None, typer.Argument(metavar="[MODULE]", help="One module, in detail.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Show it again each second, until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show where each module is on its path; of one, what was compared and what is in the way of its next step."""
    if watch:
        _watch(name)
    elif as_json:
        emit(run(lambda operations: _json(operations, name)))
    else:
        states, found = run(lambda operations: _looked(operations, name))
        _show(states, found)


def history(name: Name, last: Last = LAST, as_json: AsJson = False) -> None:
    """Show who changed a module's state, when and why, the newest first."""
    found, more = newest(run(lambda operations: operations.history(name, last + 1)), last)
    if as_json:
        emit(found)
        return
    rows = [
        (
            each["changed_at"][:19],
            each["stage"] or "-",
            f"{each['share']} %",
            each["changed_by"],
            escape(each["reason"]),
        )
        for each in found
    ]
    table(f"Changes of {name}", ("when", "stage", "share", "by", "why"), rows)
    say_more(more, last)


def _watch(name: str | None) -> None:
    with with_database(command_settings()) as settings, Live(refresh_per_second=4) as live:
        operations = Operations(settings, Registry.found(), by="")
        while True:
            states, found = asyncio.run(_looked(operations, name))
            live.update(_of_all(states) if found is None else _of_one(found))
            time.sleep(EVERY_S)


async def _looked(operations: Operations, name: str | None) -> tuple[list[ModuleState], Progress | None]:
    if name is not None:
        return [], await operations.progress(name)
    states = (await operations.states()).values()
    return [state for state in states if state.module != EVERYTHING or state.read_only], None


async def _json(operations: Operations, name: str | None) -> Any:
    if name is None:
        return [asdict(state) for state in (await operations.states()).values()]
    found = await operations.progress(name)
    counts = {method: asdict(each) for method, each in found.counts.items()}
    return asdict(found.state) | {
        "methods": counts,
        "obstacles": list(found.obstacles),
        "remarks": list(found.remarks),
        "left_over": _left_over(found.state),
    }


def _show(states: list[ModuleState], found: Progress | None) -> None:
    if found is None:
        show(_of_all(states))
        return
    say(f"{found.state.module}: {where(found.state)}.")
    if found.state.reason:
        say(escape(f"{found.state.changed_by} says why: {found.state.reason}"))
    if found.counts:
        show(_of_one(found))
    for remark in found.remarks:
        say(escape(remark))
    for obstacle in found.obstacles:
        say(f"  - {escape(obstacle)}")
    for file in _left_over(found.state):
        say(f"  - {escape(file)}")
    if found.state.candidate is not None and not found.obstacles:
        say(f"Nothing is in the way of the next step, {_next(found.state)}: `{_command(found.state)}`.")


def _left_over(state: ModuleState) -> list[str]:
    """Of a module that is handed over: the files of the ORM that it has left."""
    registry = Registry.found()
    if state.stage is not Stage.HANDED_OVER or state.control is None:
        return []
    return left_over(registry, registry.modules[state.module], state.control)


def _of_all(states: list[ModuleState]) -> RenderableType:
    rows = [(state.module, _said(state), _next(state), state.changed_by, escape(state.reason)) for state in states]
    return drawn("Modules", ("module", "stage", "next", "changed by", "why"), rows)


def _of_one(found: Progress) -> RenderableType:
    rows = []
    for method, each in sorted(found.counts.items()):
        counts = (each.same, each.different, each.noise, each.unclear, each.dropped)
        times = (_ms(each.control_us, each.timed), _ms(each.candidate_us, each.timed))
        rows.append((method, *map(str, counts), *times))
    return drawn(f"{found.state.module}, what was compared at this stage", COLUMNS, rows)


def _said(state: ModuleState) -> str:
    return f"{where(state)}{', read-only' if state.read_only else ''}"


def _next(state: ModuleState) -> str:
    if state.candidate is None:
        return "-"
    step = following(state)
    return str(Stage.HANDED_OVER) if step is None else str(step)


def _command(state: ModuleState) -> str:
    return f"crossdock move {'finish' if following(state) is None else 'advance'} {state.module}"


def _ms(us: int, count: int) -> str:
    return f"{us / count / 1000:.2f}" if count else "-"
