"""`crossdock move start`, `advance`, `back`, `finish`, `sample`, `read-only` and `writable`."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape

from crossdock.cli.move.operator import Name, run, where
from crossdock.cli.output import AsJson, emit, say
from crossdock.cutover.operating import Operations
from crossdock.stages import EVERYTHING, ModuleState, Stage

Reason = Annotated[str, typer.Option("--reason", help="Kept with the change, for whoever asks later.")]
By = Annotated[str | None, typer.Option("--by", help="Who does it; the user of this machine where nothing is said.")]
OneModule = Annotated[str | None, typer.Argument(metavar="[MODULE]", help="One module.")]
All = Annotated[bool, typer.Option("--all", help="All modules.")]
Sample = Annotated[int, typer.Option(min=0, max=100, help="Percent of the units of work that are compared.")]
Percent = Annotated[int, typer.Argument(min=0, max=100, help="Percent of the units of work that are compared.")]
To = Annotated[Stage | None, typer.Option("--to", help="A stage before this one, in place of the last step.")]


def register(app: typer.Typer) -> None:
    for command in (start, advance, back, finish, sample, writable):
        app.command()(command)
    app.command("read-only")(read_only)


def start(name: Name, sample: Sample = 10, reason: Reason = "", by: By = None, as_json: AsJson = False) -> None:
    """Begin a move, at the stage `shadow`: the other ORM repeats a sample of the reads."""
    _change(lambda operations: operations.start(name, sample=sample, reason=reason), by, as_json=as_json)


def advance(name: Name, reason: Reason = "", by: By = None, as_json: AsJson = False) -> None:
    """Take the next step, where the gate lets it through. Exit status 1 with what is in the way."""
    _change(lambda operations: operations.advance(name, reason=reason), by, as_json=as_json)


def back(name: Name, to: To = None, reason: Reason = "", by: By = None, as_json: AsJson = False) -> None:
    """Take a step back, which is always allowed."""
    _change(lambda operations: operations.back(name, reason=reason, to=to), by, as_json=as_json)


def finish(name: Name, reason: Reason = "", by: By = None, as_json: AsJson = False) -> None:
    """End a move: the tables and the manifest are the other ORM's. Exit status 1 with what is still to be done."""
    _change(lambda operations: operations.finish(name, reason=reason), by, as_json=as_json)


def sample(name: Name, percent: Percent, reason: Reason = "", by: By = None, as_json: AsJson = False) -> None:
    """Compare another share of the units of work. The stage and what was counted stay."""
    _change(lambda operations: operations.sample(name, percent, reason=reason), by, as_json=as_json)


def read_only(
    name: OneModule = None, *, everything: All = False, reason: Reason = "", by: By = None, as_json: AsJson = False
) -> None:
    """Stop writing to a module, or to all of them: writes are answered with 503, and reads go on."""
    target = _target(name, everything=everything)
    _change(lambda operations: operations.read_only(target, on=True, reason=reason), by, as_json=as_json)


def writable(
    name: OneModule = None, *, everything: All = False, reason: Reason = "", by: By = None, as_json: AsJson = False
) -> None:
    """Write to a module again, or to all of them."""
    target = _target(name, everything=everything)
    _change(lambda operations: operations.read_only(target, on=False, reason=reason), by, as_json=as_json)


def _target(name: str | None, *, everything: bool) -> str:
    if (name is None) is not everything:
        raise typer.BadParameter("Name one module, or say --all.")
    return EVERYTHING if name is None else name


def _change(work: Callable[[Operations], Awaitable[ModuleState]], by: str | None, *, as_json: bool) -> None:
    state = run(work, by)
    if as_json:
        emit(asdict(state))
    else:
        say(f"{escape(state.module)}: {where(state)}{', read-only' if state.read_only else ''}.")
