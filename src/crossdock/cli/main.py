"""The `crossdock` command: imports the command that is called, and prints every expected failure in one line."""

import sys
from importlib import import_module

import typer

from crossdock.cli.output import complain
from crossdock.errors import CrossdockError

COMMANDS = ("init", "serve", "migrate", "schema", "modules", "move", "documents", "seed", "doctor", "openapi")
"""Each is a file here with a `register(app)`."""


def main() -> None:
    """The entry point."""
    run(build(sys.argv[1:]))


def run(app: typer.Typer) -> None:
    """Runs a command, also one of an application's own. Exit status: 0 done, 1 a check found something or an error, 2
    wrong use."""
    try:
        app()
    except Exception as error:
        message = in_one_line(error)
        if message is None:
            raise
        complain(message)
        sys.exit(1)


def build(arguments: list[str]) -> typer.Typer:
    """Imports only the command that is called, since others import more. For help, all of them."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(_about)
    called = [name for name in COMMANDS if arguments[:1] == [name]]
    for name in called or COMMANDS:
        import_module(f"crossdock.cli.{name}").register(app)
    return app


def _about() -> None:
    """A service on two ORMs and one PostgreSQL: serve it, migrate it, look at it."""


def in_one_line(error: Exception) -> str | None:
    """The message of an expected failure: our own, the operating system's or PostgreSQL's. None for a bug."""
    if isinstance(error, CrossdockError | OSError):
        return str(error) or type(error).__name__  # a TimeoutError has no words of its own
    if "tortoise" in sys.modules and (told := _tortoises(error)):
        return told
    import asyncpg  # here: a command that asks no database does not need it

    from crossdock.transaction.faults import driver_error

    cause = driver_error(error)
    if isinstance(cause, asyncpg.PostgresError | asyncpg.InterfaceError):
        return f"PostgreSQL says: {cause}"  # with its DETAIL and HINT: `complain` makes one line of it
    return None


def _tortoises(error: Exception) -> str | None:
    """What Tortoise has against the models, as where a file with models was deleted that others have relations to."""
    from tortoise.exceptions import ConfigurationError

    if not isinstance(error, ConfigurationError):
        return None
    return f"Tortoise does not take its models: {error} A file of models stays while others have relations to it."
