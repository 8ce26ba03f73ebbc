"""`crossdock move mismatches`, `mismatch` and `exercise`: what was compared, and comparing on purpose."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

import orjson
import typer
from rich.markup import escape

from crossdock.cli.database import command_settings, with_database
from crossdock.cli.move.operator import LAST, Last, Name, newest, run, say_more
from crossdock.cli.output import AsJson, emit, say, table
from crossdock.config.settings import Settings
from crossdock.cutover import running_moves
from crossdock.cutover.comparison import Verdict
from crossdock.cutover.gate import several
from crossdock.cutover.mismatch import Mismatch
from crossdock.cutover.operating import Operations
from crossdock.cutover.replay import Replay, replay
from crossdock.registry import Registry
from crossdock.transaction import Database

SHOWN_MAX = 60
"""Characters of a value in the list: `crossdock move mismatch` shows all of it."""
Number = Annotated[int, typer.Argument(help="As `crossdock move mismatches` lists it.")]
Times = Annotated[int, typer.Option("--times", min=1, max=10_000, help="How often each case is run.")]


def register(app: typer.Typer) -> None:
    for command in (mismatches, mismatch, exercise):
        app.command()(command)


def mismatches(name: Name, last: Last = LAST, as_json: AsJson = False) -> None:
    """List the mismatches that are kept, the newest first. Exit status 1 when there are some."""
    found, more = newest(run(lambda operations: operations.mismatches(name, last + 1)), last)
    if as_json:
        emit([asdict(each) for each in found])
    elif found:
        rows = [(str(each.number), each.stage, each.method, each.verdict, _first(each)) for each in found]
        table(f"Mismatches of {name}", ("number", "stage", "method", "what", "where: control, candidate"), rows)
        say_more(more, last)
        say("Run one again: `crossdock move mismatch NUMBER`.")
    else:
        say(f"None of {name} is kept.")
    if found:
        raise typer.Exit(1)


def mismatch(number: Number, as_json: AsJson = False) -> None:
    """Run a mismatch again on both stores, and show the statements of each. Exit status 1 where they still differ.

    Nothing of it stays.
    """
    with with_database(command_settings()) as settings:
        found, again = asyncio.run(_replayed(settings, number))
    if as_json:
        emit({"mismatch": asdict(found), "again": asdict(again)})
    else:
        _show(found, again)
    if again.differences:
        raise typer.Exit(1)


def exercise(name: Name, times: Times = 1, as_json: AsJson = False) -> None:
    """Run the module's own cases on both stores, in transactions that are rolled back. Exit status 1 with mismatches.

    They count as comparisons.
    """
    with with_database(command_settings()) as settings:
        ran, verdicts = asyncio.run(_exercised(settings, name, times))
    if as_json:
        emit({"cases": ran, "times": times, "verdicts": verdicts})
    elif ran:
        say(f"Run {times} {'time' if times == 1 else 'times'}: {', '.join(ran)}.")
        say(f"What was compared: `crossdock move status {name}`.")
        if wrong := verdicts.get(Verdict.DIFFERENT, 0) + verdicts.get(Verdict.NOISE, 0):
            say(f"{several(wrong, 'comparison')} differed: `crossdock move mismatches {name}`.")
    else:
        say(f"{name} has no cases: write some into its moving.py.")
    if verdicts.get(Verdict.DIFFERENT) or verdicts.get(Verdict.NOISE):
        raise typer.Exit(1)


async def _replayed(settings: Settings, number: int) -> tuple[Mismatch, Replay]:
    registry = Registry.found()
    found = await Operations(settings, registry, by="").mismatch(number)
    async with Database(settings, registry) as database:
        return found, await replay(database, found)


async def _exercised(settings: Settings, name: str, times: int) -> tuple[list[str], dict[str, int]]:
    """The names of the cases, and how many comparisons had each verdict."""
    async with Database(settings, Registry.found()) as database, running_moves(database) as moves:
        ran = await moves.exercise(name, times=times)
        return ran, {verdict: count for (module, verdict), count in moves.totals.items() if module == name}


def _show(found: Mismatch, again: Replay) -> None:
    when = f"{found.created_at:%Y-%m-%d %H:%M:%S}"
    say(escape(f"{found.module}.{found.method}, {found.verdict} at {found.stage}, {when}"))
    for name, side in (("control", again.control), ("candidate", again.candidate)):
        say(escape(f"{name}, on {side.orm}:"))
        for statement in side.statements:
            say(escape(f"    {' '.join(statement.split())}"))
        say(escape(f"    -> {orjson.dumps(side.said).decode()}"))
    rows = [(escape(each.path), escape(str(each.control)), escape(str(each.candidate))) for each in again.differences]
    if rows:
        table("They differ", ("where", "control", "candidate"), rows)
    else:
        say("On the data of now they say the same.")
        kept = [(escape(each["path"]), _said(each["control"]), _said(each["candidate"])) for each in found.differences]
        table("They differed when it was found", ("where", "control", "candidate"), kept)


def _first(each: Mismatch) -> str:
    if not each.differences:
        return "-"
    first = each.differences[0]
    return escape(f"{first['path']}: {_short(first['control'])}, {_short(first['candidate'])}")


def _said(value: Any) -> str:
    return escape(_short(value))


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}..."
