"""`crossdock schema pull`: writes a module's first models from its tables in the database."""

import asyncio
from typing import Annotated

import typer
from rich.markup import escape

from crossdock.cli.database import command_settings, with_database
from crossdock.cli.output import AsJson, emit, say, shown, steps
from crossdock.cli.skeleton.names import singular
from crossdock.cli.sync import found_module
from crossdock.registry import Registry


def pull(
    module: Annotated[str, typer.Argument(help="The module whose manifest names the tables, and the ORM.")],
    as_json: AsJson = False,
) -> None:
    """Write the models of a module whose tables are there and have none, and compare both."""
    from crossdock.schema.sync.pulling import pull as write  # here: whoever compares need not wait for it

    registry = Registry.found()
    found_module(registry, module)
    with with_database(command_settings()) as settings, steps("Writing and comparing"):
        done = asyncio.run(write(settings.direct, registry, module, singular))
    left = [each.subject for each in done.left]
    if as_json:
        emit({"module": module, "file": shown(done.path), "tables": done.tables, "name": done.unnamed, "left": left})
        return
    say(f"[bold]{escape(shown(done.path))}[/] is written. It says what {escape(', '.join(done.tables))} are.")
    if left:
        say(f"What no model says belongs into rules.sql: {escape('; '.join(left))}.")
    if done.unnamed:
        say(f"Add it to the models of {escape(module)} in its manifest: [bold]{escape(done.unnamed)}[/]")
