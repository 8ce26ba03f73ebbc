"""`crossdock migrate lint`: what is dangerous in the revisions of all chains, and how to write it safely."""

import asyncio
from dataclasses import asdict

import typer
from rich.markup import escape

from crossdock.cli.output import AsJson, emit, say, steps
from crossdock.migrations.lint.finding import Finding
from crossdock.migrations.lint.linter import lint as find_dangers
from crossdock.registry import Registry


def register(app: typer.Typer) -> None:
    app.command()(lint)


def lint(as_json: AsJson = False) -> None:
    """Judge every revision of all chains, without a database. Exit status 1 when one is dangerous and says not why."""
    with steps("Reading the revisions"):
        found = asyncio.run(find_dangers(Registry.found()))
    if as_json:
        emit({"safe": not found, "findings": [asdict(each) | {"line": each.line} for each in found]})
    elif found:
        for each in found:
            _show(each)
        say(f"{len(found)} finding{'s' if len(found) > 1 else ''}.")
    else:
        say("Every revision is safe, or says why it is.")
    if found:
        raise typer.Exit(1)


def _show(finding: Finding) -> None:
    say(f"[bold]{escape(finding.place)}[/]")
    say(f"  [red]{finding.rule}[/]: {escape(finding.what)}")
    say(f"  {escape(finding.advice)}")
