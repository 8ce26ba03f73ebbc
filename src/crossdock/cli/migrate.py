"""`crossdock migrate`: both chains, aerich's and alembic's, in one go and under one lock."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from crossdock.cli.database import command_settings, with_database
from crossdock.cli.output import AsJson, emit, say, steps, table
from crossdock.kernel.config import Settings
from crossdock.kernel.errors import ConfigurationError
from crossdock.kernel.migrations import ChainStatus, Runner
from crossdock.kernel.operations.environment import is_production, mark_production
from crossdock.kernel.pools.budget import connect
from crossdock.kernel.registry import Registry

app = typer.Typer(no_args_is_help=True, help="Bring the database to the models: both chains, under one lock.")
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask. A database marked as production needs it.")]


def register(parent: typer.Typer) -> None:
    parent.add_typer(app, name="migrate")


@app.command()
def up(as_json: AsJson = False) -> None:
    """Make the roles, and apply what is pending of both chains."""
    with with_database(command_settings()) as settings:
        asyncio.run(_up(settings, as_json=as_json))


@app.command()
def down(yes: Yes = False, as_json: AsJson = False) -> None:
    """Undo both chains: every table of ours is dropped, with its rows."""
    with with_database(command_settings()) as settings:
        if asyncio.run(_marked(settings)) and not yes:
            raise ConfigurationError(
                f"{settings.direct} is marked as production: to drop all of its tables, add --yes."
            )
        if not yes and sys.stdin.isatty():
            typer.confirm(f"Drop every table of {settings.direct}?", abort=True, err=True)
        asyncio.run(_down(settings, as_json=as_json))


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say where both chains stand. Exit status 1 when something is pending or unknown."""
    with with_database(command_settings()) as settings:
        chains = asyncio.run(runner_of(settings).status())
    show(chains, as_json=as_json)
    if not all(chain.is_current for chain in chains):
        raise typer.Exit(1)


def runner_of(settings: Settings) -> Runner:
    return Runner(settings, Registry.discover(settings.modules_package))


async def _up(settings: Settings, *, as_json: bool) -> None:
    runner = runner_of(settings)
    with steps("Waiting for the migration lock") as progress:
        await runner.up(progress)
    if settings.is_production:
        connection = await connect(settings.direct)
        await mark_production(connection)
        await connection.close()
    show(await runner.status(), as_json=as_json)


async def _down(settings: Settings, *, as_json: bool) -> None:
    runner = runner_of(settings)
    with steps("Waiting for the migration lock") as progress:
        await runner.down(progress)
    show(await runner.status(), as_json=as_json)


async def _marked(settings: Settings) -> bool:
    connection = await connect(settings.direct)
    try:
        return await is_production(connection)
    finally:
        await connection.close()


def show(chains: Sequence[ChainStatus], *, as_json: bool) -> None:
    """The state of each chain."""
    if as_json:
        emit({"current": all(chain.is_current for chain in chains), "chains": [asdict(chain) for chain in chains]})
        return
    rows = [
        (chain.name, chain.tool, _names(chain.applied), _names(chain.pending), _names(chain.unknown))
        for chain in chains
    ]
    table("Migrations", ("chain", "tool", "applied", "pending", "unknown"), rows)
    if all(chain.is_current for chain in chains):
        say("Both chains are at their heads.")


def _names(revisions: Sequence[str]) -> str:
    return "\n".join(revisions) or "-"
