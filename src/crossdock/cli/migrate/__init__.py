"""`crossdock migrate`: the chains of aerich, of alembic and of the library, in one plan and under one lock."""

import typer

from crossdock.cli.migrate import lint, run, write

app = typer.Typer(no_args_is_help=True, help="Bring the database to the models: all chains, under one lock.")


def register(parent: typer.Typer) -> None:
    for part in (run, write, lint):
        part.register(app)
    parent.add_typer(app, name="migrate")
