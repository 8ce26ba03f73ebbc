"""`crossdock migrate new`, `handover` and `check`: what a developer does before a revision is deployed."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from crossdock.cli.database import command_settings, with_database
from crossdock.cli.migrate.run import runner_of
from crossdock.cli.output import AsJson, emit, note, say, steps, table
from crossdock.migrations.authoring.check import check as find_disagreements
from crossdock.migrations.authoring.handover import hand_over, orm_of
from crossdock.migrations.authoring.tidying import tidy
from crossdock.migrations.authoring.writing import restate as write_state
from crossdock.migrations.authoring.writing import write_revision
from crossdock.registry import Registry

Message = Annotated[str, typer.Option("--message", "-m", help="What it does, in a few words.")]
OfModule = Annotated[str, typer.Option("--module", help="Whose tables: a module, or `shared` for the rules of all.")]
Empty = Annotated[bool, typer.Option("--empty", help="To be written by hand: data, policies, indexes.")]
Needs = Annotated[list[str] | None, typer.Option(help="A revision of any chain that has to be there first.")]
To = Annotated[str, typer.Option("--to", help="alembic or aerich.")]


def register(app: typer.Typer) -> None:
    for command in (check, new, restate, handover):
        app.command()(command)


def check(as_json: AsJson = False) -> None:
    """Compare models, all chains and the database. Exit status 1 with the differences when they disagree."""
    with with_database(command_settings()) as settings, steps("Comparing"):
        runner, registry = runner_of(settings), Registry.found()
        found = asyncio.run(find_disagreements(runner, registry))
    if as_json:
        emit({"agree": not found, "differences": [asdict(each) for each in found]})
    elif found:
        table("Differences", ("between", "what, and what to do"), [(each.between, escape(each.what)) for each in found])
    else:
        say("Models, all chains and the database agree.")
    if found:
        raise typer.Exit(1)


def new(message: Message, module: OfModule, empty: Empty = False, needs: Needs = None, as_json: AsJson = False) -> None:
    """Write the next revision of a module's chain, with the tool of its ORM. No other file is touched."""
    with with_database(command_settings()) as settings, steps("Comparing"):
        runner, registry = runner_of(settings), Registry.found()
        path = asyncio.run(write_revision(runner, registry, module, message, is_empty=empty, needs=needs or ()))
        left = tidy([path])
    if left:
        note(left)
    if as_json:
        emit({"file": str(path)})
        return
    say(f"Written: {shown(path)}")
    say("Read it, then: `crossdock migrate lint`, `crossdock migrate plan`, `crossdock migrate up`.")


def restate(as_json: AsJson = False) -> None:
    """After a merge: write the models' state into the last file of aerich's chain anew. Its statements stay."""
    with with_database(command_settings()) as settings, steps("Comparing"):
        path = asyncio.run(write_state(runner_of(settings)))
    if as_json:
        emit({"file": str(path)})
    else:
        say(f"The models as they are now are the state of {shown(path)}.")


def handover(tables: Annotated[list[str], typer.Argument()], to: To, as_json: AsJson = False) -> None:
    """Hand tables over to the other tool: state only, no DDL; both tools find nothing to do, before and after."""
    with with_database(command_settings()) as settings, steps("Comparing"):
        registry = Registry.found()
        made = asyncio.run(hand_over(settings, registry, tables, orm_of(to)))
    files = [*made.revisions, *made.manifests]
    if as_json:
        emit({"tables": tables, "to": to, "files": [str(path) for path in files]})
        return
    say(f"Both tools have nothing to do, before and after: {', '.join(tables)} can go over to {to}. Written:")
    for path in files:
        say(f"  {shown(path)}")
    say("Next: `crossdock migrate up`, here and with the deployment. Handed over the other way, it is undone.")


def shown(path: Path) -> str:
    """From here, when it is below."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
