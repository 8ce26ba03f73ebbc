"""`crossdock seed`: the demo world, in a database that is brought up to date for it."""

import asyncio
from typing import Annotated

import typer

from crossdock.cli.database import command_settings, with_database
from crossdock.cli.output import AsJson, emit, progress_bar, say, steps
from crossdock.demo.seed import refuse_production
from crossdock.demo.seed import seed as make_demo_world
from crossdock.demo.world import EMAILS, PASSWORD
from crossdock.kernel.config import Settings
from crossdock.kernel.migrations.runner import Runner
from crossdock.kernel.registry import Registry

Scale = Annotated[int, typer.Option(min=0, max=10_000, help="How many further shippers to make, with their bookings.")]


def register(app: typer.Typer) -> None:
    app.command()(seed)


def seed(scale: Scale = 0, as_json: AsJson = False) -> None:
    """Make the demo world. Twice is the same as once; a database that is marked as production is refused."""
    with with_database(command_settings()) as settings:
        played = asyncio.run(_seed(settings, scale))
    if as_json:
        emit({"played": played, "emails": list(EMAILS), "password": PASSWORD})
    elif played:
        say(f"The demo world is made: {played} stories. Sign in as {EMAILS[0]}, password {PASSWORD}.")
    else:
        say("The demo world was there already.")


async def _seed(settings: Settings, scale: int) -> int:
    await refuse_production(settings)
    registry = Registry.discover(settings.modules_package)
    with steps("Migrating") as step:
        await Runner(settings, registry).up(step)
    with progress_bar("Making the demo world") as progress:
        return await make_demo_world(settings, registry, scale=scale, progress=progress)
