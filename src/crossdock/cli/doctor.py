"""`crossdock doctor`: what is wrong, in plain words, and what to do about it."""

import asyncio
from dataclasses import asdict

import typer
from rich.markup import escape

from crossdock.application import NoProject
from crossdock.cli.database import command_settings, with_database
from crossdock.cli.diagnosis import Check, State, examine, failed, ok
from crossdock.cli.output import AsJson, emit, say, steps, table
from crossdock.errors import ConfigurationError, CrossdockError
from crossdock.registry import Registry

LOOKS = {
    State.OK: "[green]ok[/]",
    State.WARNING: "[yellow]warning[/]",
    State.FAILED: "[bold red]failed[/]",
    State.SKIPPED: "[dim]skipped[/]",
}


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(as_json: AsJson = False) -> None:
    """Check settings, connections, roles, migrations and row level security. Exit status 1 when a check fails."""
    with steps("Looking"):
        checks = diagnose()
    is_well = all(check.state is not State.FAILED for check in checks)
    if as_json:
        emit({"ok": is_well, "checks": [asdict(check) for check in checks]})
    else:
        _show(checks, is_well=is_well)
    if not is_well:
        raise typer.Exit(1)


def diagnose() -> list[Check]:
    """Every check, in the order in which one depends on those before it. Raises NoProject."""
    try:
        registry = Registry.found()
    except NoProject:
        raise  # there is nothing to examine, which is no finding about it
    except ConfigurationError as error:
        return [failed("project", str(error), "Correct [tool.crossdock] in pyproject.toml.")]
    try:
        settings = command_settings()
    except ConfigurationError as error:
        return [failed("settings", str(error), "Correct the variables that are named.")]
    found = [ok("settings", f"environment {settings.environment}")]
    found += registry.application.check(settings)
    try:
        with with_database(settings) as located:
            return found + asyncio.run(examine(located))
    except CrossdockError as error:
        return [*found, failed("database", str(error))]


def _show(checks: list[Check], *, is_well: bool) -> None:
    rows = [
        (check.name, LOOKS[check.state], escape("\n".join(filter(None, (check.message, check.advice)))))
        for check in checks
    ]
    table("Doctor", ("check", "", "what was found, and what to do"), rows)
    say("All is well." if is_well else "[bold red]Something is wrong: see above.[/]")
