"""`crossdock seed`: the application's demo data, in a database that is brought up to date for it."""

import asyncio
from typing import Annotated

import typer
from rich.markup import escape

from crossdock.cli.database import command_settings, with_database
from crossdock.cli.output import AsJson, emit, progress_bar, say, steps
from crossdock.config.settings import Settings
from crossdock.migrations.run.runner import Runner
from crossdock.operations.demo import Demo, demo_of, refuse_production
from crossdock.registry import Registry

Scale = Annotated[int, typer.Option(min=0, max=10_000, help="How much more to make than the least.")]


def register(app: typer.Typer) -> None:
    app.command()(seed)


def seed(scale: Scale = 0, as_json: AsJson = False) -> None:
    """Make the demo data. Twice is the same as once; a database that is marked as production is refused."""
    registry = Registry.found()
    demo = demo_of(registry)
    with with_database(command_settings()) as settings:
        played = asyncio.run(_seed(settings, registry, demo, scale))
    if as_json:
        emit({"played": played, "emails": list(demo.emails), "password": demo.password})
    elif played:
        say(f"The demo data is made: {played} in all.")
        if demo.emails:
            say(f"Sign in as {escape(demo.emails[0])}, password {escape(demo.password)}.")
    else:
        say("The demo data was there already.")


async def _seed(settings: Settings, registry: Registry, demo: Demo, scale: int) -> int:
    await refuse_production(settings)
    with steps("Migrating") as step:
        await Runner(settings, registry).up(step)
    with progress_bar("Making the demo data") as progress:
        return await demo.make(settings, registry, scale=scale, progress=progress)
