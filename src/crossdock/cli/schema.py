"""`crossdock schema`: do the models of both ORMs and the database say the same? And writes those that are missing."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from crossdock.cli.database import command_settings, with_database
from crossdock.cli.output import AsJson, emit, say, steps, table
from crossdock.config.settings import Settings
from crossdock.migrations.status import Chains
from crossdock.registry import Module, Orm, Registry
from crossdock.schema.drift import Difference, summary
from crossdock.schema.drift import check as differences

app = typer.Typer(no_args_is_help=True, help="Compare the models of both ORMs with the database, or write them.")

ADVICE = (
    "Each line says how to make the database what the models say."
    ' Where a model was changed and no revision written: `crossdock migrate new -m "..." --module MODULE`.'
)
BEHIND = "Not applied yet: {}. What follows may be theirs to change: `crossdock migrate up` first, and look again."


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="schema")


@app.command()
def check(as_json: AsJson = False) -> None:
    """Compare both ORMs' models and the database, a line for each difference. Exit status 1 when there are some."""
    with with_database(command_settings()) as settings, steps("Comparing the models with the database"):
        found, pending = asyncio.run(_check(settings))
    if as_json:
        emit([asdict(difference) | {"line": difference.line} for difference in found])
    else:
        _show(found, pending)
    if found:
        raise typer.Exit(1)


@app.command()
def sync(
    module: Annotated[str, typer.Argument(help="The module, as `crossdock modules` lists it.")],
    to: Annotated[
        Orm | None, typer.Option("--to", help="The ORM to write for; by default the one it is not on.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that was written or changed by hand.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a module's models in the other ORM, and prove against the database that both mean the same."""
    from crossdock.schema.sync.syncing import sync as write  # here: whoever compares need not wait for it

    registry = Registry.found()
    own = found_module(registry, module)
    with with_database(command_settings()) as settings, steps("Writing and proving"):
        done = asyncio.run(write(settings.direct, registry, module, to or own.orm.other, force=force))
    path = str(done.path.relative_to(Path.cwd()) if done.path.is_relative_to(Path.cwd()) else done.path)
    if as_json:
        emit({"module": module, "file": path, "written": done.is_new, "name": done.unnamed, **asdict(done.proved)})
        return
    say(f"[bold]{escape(path)}[/] {'is written' if done.is_new else 'is as it was'}.")
    say(
        f"Proved on {escape(', '.join(done.proved.tables))}: alembic has nothing to change, and {done.proved.rows} rows"
        " that one ORM wrote are the same for the other."
    )
    if done.unnamed:
        say(f"Add it to the models of {escape(module)} in its manifest: [bold]{escape(done.unnamed)}[/]")


def found_module(registry: Registry, name: str) -> Module:
    """Raises BadParameter with the modules that there are."""
    if name not in registry.modules:
        raise typer.BadParameter(f"There is no module {name!r}. There are {', '.join(registry.modules)}.")
    return registry.modules[name]


async def _check(settings: Settings) -> tuple[list[Difference], list[str]]:
    """The differences, and the revisions that are still to come."""
    registry = Registry.found()
    found = await differences(settings.direct, registry, settings.pooled.user)
    chains = await Chains(settings.direct, registry.application).status() if found else []
    return found, [name for chain in chains for name in chain.pending]


def _show(found: list[Difference], pending: list[str]) -> None:
    if found:
        if pending:
            say(escape(BEHIND.format(", ".join(pending))))
        rows = [(escape(each.subject), escape(_said(each)), escape(each.advice)) for each in found]
        table("Schema", ("what", "who says what", "what to do"), rows)
        say(escape(ADVICE))
    say(summary(found))


def _said(difference: Difference) -> str:
    return difference.words.replace("; ", "\n") if len(difference.says) > 1 else difference.words
