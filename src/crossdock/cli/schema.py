"""`crossdock schema`: do the models of both ORMs and the database say the same? It draws and writes them too."""

import asyncio
from dataclasses import asdict

import typer
from rich.markup import escape

from crossdock.cli.database import command_settings, with_database
from crossdock.cli.diagram import diagram
from crossdock.cli.output import AsJson, emit, say, steps, table
from crossdock.cli.pull import pull
from crossdock.cli.sync import sync
from crossdock.config.settings import Settings
from crossdock.migrations.status import Chains
from crossdock.registry import Registry
from crossdock.schema.drift import Difference, summary
from crossdock.schema.drift import check as differences

app = typer.Typer(
    no_args_is_help=True, help="Compare the models of both ORMs with the database, draw them, and write them."
)
app.command()(diagram)
app.command()(sync)
app.command()(pull)

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
