"""`crossdock move`: takes a module to the other ORM and back, a step at a time, while it serves."""

import typer

from crossdock.cli.move import mismatches, show, steps

app = typer.Typer(no_args_is_help=True, help="Move a module to the other ORM while it serves, and back.")


def register(parent: typer.Typer) -> None:
    for part in (show, steps, mismatches):
        part.register(app)
    parent.add_typer(app, name="move")
