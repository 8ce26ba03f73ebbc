"""`crossdock migrate up`, `down`, `plan` and `status`."""

import asyncio
import sys
from typing import Annotated, Any

import typer

from crossdock.cli.database import command_settings, with_database
from crossdock.cli.migrate.pooler import refresh_poolers
from crossdock.cli.migrate.show import show_status
from crossdock.cli.migrate.show_plan import destroyed, show_plan
from crossdock.cli.output import AsJson, note, steps
from crossdock.config.settings import Settings
from crossdock.driver.connection import connect
from crossdock.errors import ConfigurationError
from crossdock.migrations.preview.trace import TakenLock, Trace
from crossdock.migrations.revision import Direction
from crossdock.migrations.run.runner import Runner
from crossdock.operations.environment import is_production, mark_production
from crossdock.registry import Registry

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask. Needed where there is no terminal, and for production.")]
UpTo = Annotated[str | None, typer.Argument(help="As in aerich:2 or alembic:0003; all heads by default.")]
DownTo = Annotated[str | None, typer.Argument(help="The revision that stays, as in aerich:2; none by default.")]
Accept = Annotated[
    list[str] | None,
    typer.Option(help="A revision whose file and row in the version table you have looked at and vouch for."),
]
Tracing = Annotated[bool, typer.Option("--trace", help="Show which locks were taken, and how long. For a rehearsal.")]
Back = Annotated[bool, typer.Option("--down", help="Of `down` instead of `up`.")]


def register(app: typer.Typer) -> None:
    for command in (plan, up, down, status, mend):
        app.command()(command)


def up(target: UpTo = None, accept: Accept = None, trace: Tracing = False, as_json: AsJson = False) -> None:
    """Make the roles, and apply what is pending of all chains, or what TARGET stands on."""
    with with_database(command_settings()) as settings:
        asyncio.run(_up(settings, target, accept or [], is_traced=trace, as_json=as_json))


def down(target: DownTo = None, accept: Accept = None, yes: Yes = False, as_json: AsJson = False) -> None:
    """Undo what stands on TARGET; without one all chains: every table of ours is dropped, with its rows."""
    with with_database(command_settings()) as settings:
        if not yes:
            _ask(settings, target, accept or [])
        asyncio.run(_down(settings, target, accept or [], as_json=as_json))


def _ask(settings: Settings, target: str | None, accept: list[str]) -> None:
    """Raises ConfigurationError where nobody can be asked, or where an answer is too little: in production."""
    what = f"Undo what stands on {target} in" if target else "Drop every table of"
    lost = destroyed(asyncio.run(runner_of(settings).plan(Direction.DOWN, target, accept=accept)))
    if asyncio.run(_marked(settings)):
        raise ConfigurationError(f"{settings.direct} is marked as production. {lost} {what} it? Then add --yes.")
    if not sys.stdin.isatty():
        raise ConfigurationError(f"{lost} {what} {settings.direct}? There is nobody to ask here: then add --yes.")
    typer.confirm(f"{lost} {what} {settings.direct}?", abort=True, err=True)


def plan(target: UpTo = None, back: Back = False, as_json: AsJson = False) -> None:
    """Say what `up` (or `down`) would run, in its order, with the SQL and the lock of each statement. Runs nothing."""
    direction = Direction.DOWN if back else Direction.UP
    with with_database(command_settings()) as settings:
        show_plan(asyncio.run(runner_of(settings).plan(direction, target)), direction, as_json=as_json)


def status(as_json: AsJson = False) -> None:
    """Say where all chains and the database stand. Exit status 1 when something is pending, unknown or wrong."""
    with with_database(command_settings()) as settings:
        asyncio.run(_show(runner_of(settings), settings, as_json=as_json, is_check=True))


def mend(as_json: AsJson = False) -> None:
    """Make the version tables what the tools and the runner left, after an edit by hand. Runs no revision."""
    with with_database(command_settings()) as settings:
        asyncio.run(_mend(settings, as_json=as_json))


def runner_of(settings: Settings) -> Runner:
    return Runner(settings, Registry.found())


async def _up(settings: Settings, target: str | None, accept: list[str], *, is_traced: bool, as_json: bool) -> None:
    runner = runner_of(settings)
    taken: list[TakenLock] | None = None
    try:
        with steps("Waiting for the migration lock") as progress:
            if is_traced:
                async with Trace.on(settings.direct) as trace:
                    taken = trace.taken
                    ran = await runner.up(progress, target=target, accept=accept, watch=trace)
            else:
                ran = await runner.up(progress, target=target, accept=accept)
    finally:
        if settings.is_production:  # also after a failure: what did run has tables that nobody may drop unasked
            await _mark(settings)
    if ran:
        await refresh_poolers(settings)
    await _show(runner, settings, as_json=as_json, locks=taken)


async def _down(settings: Settings, target: str | None, accept: list[str], *, as_json: bool) -> None:
    runner = runner_of(settings)
    with steps("Waiting for the migration lock") as progress:
        undone = await runner.down(progress, target=target, accept=accept)
    if undone:
        await refresh_poolers(settings)
    await _show(runner, settings, as_json=as_json)


async def _mend(settings: Settings, *, as_json: bool) -> None:
    runner = runner_of(settings)
    done: list[str] = []
    with steps("Waiting for the migration lock"):
        await runner.mend(done.append)
    for line in done or ["The version tables are as the tools and the runner left them."]:
        note(line)
    await _show(runner, settings, as_json=as_json, is_check=True)


async def _show(
    runner: Runner,
    settings: Settings,
    *,
    as_json: bool,
    is_check: bool = False,
    locks: list[TakenLock] | None = None,
) -> None:
    chains = await runner.status()
    show_status(chains, await _facts(settings), as_json=as_json, locks=locks)
    if is_check and not all(chain.is_current for chain in chains):
        raise typer.Exit(1)


async def _facts(settings: Settings) -> dict[str, Any]:
    """The database as an operator knows it."""
    connection = await connect(settings.direct)
    try:
        return {
            "database": str(settings.direct),
            "schema": settings.direct.schema,
            "server": f"PostgreSQL {await connection.fetchval('SHOW server_version')}",
            "production": await is_production(connection),
        }
    finally:
        await connection.close()


async def _mark(settings: Settings) -> None:
    connection = await connect(settings.direct)
    try:
        await mark_production(connection)
    finally:
        await connection.close()


async def _marked(settings: Settings) -> bool:
    return bool((await _facts(settings))["production"])
