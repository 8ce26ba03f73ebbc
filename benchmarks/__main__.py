"""`python -m benchmarks`: measures, prints what it found, and with --write puts it into the docs."""

import sys
from collections.abc import Collection
from statistics import median
from typing import Annotated

import typer

from benchmarks.bench import Bench, alone
from benchmarks.circumstances import WrkMissing, need_wrk
from benchmarks.contestants import ALL
from benchmarks.guards import BOOKINGS, KINDS, WORKS, measure_guards, told
from benchmarks.layers import measure_layers
from benchmarks.load import LoadFailed
from benchmarks.moves import ASKED, NONE, REHEARSE, SHADOW, measure_moves
from benchmarks.moves import told as told_of_moves
from benchmarks.plan import PARTS, Plan
from benchmarks.report import write as write_report
from benchmarks.requests import ENDPOINTS
from benchmarks.results import FILE, Results
from benchmarks.run import measure
from benchmarks.same import AnswersDiffer
from benchmarks.serving import ServerFailed
from benchmarks.tables import tables
from crossdock.cli.ending import ended_by_signals
from crossdock.cli.output import complain, note, table
from crossdock.config.settings import LogSettings
from crossdock.errors import CrossdockError
from crossdock.logging import configure

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def run(
    context: typer.Context,
    *,
    only: Annotated[str | None, typer.Option(help=f"Endpoints: {', '.join(ENDPOINTS)}.")] = None,
    servers: Annotated[str | None, typer.Option(help=f"Of {', '.join(ALL)}.")] = None,
    parts: Annotated[str | None, typer.Option(help=f"Of {', '.join(PARTS)}; with --only or --servers: rates.")] = None,
    rounds: Annotated[int, typer.Option(min=1)] = 5,
    seconds: Annotated[int, typer.Option(min=1, help="Of each turn, after a second of warm-up.")] = 5,
    quick: Annotated[bool, typer.Option("--quick", help="One round of 2 s, and a smaller growth.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Keep the results; make the page and the picture.")] = False,
) -> None:
    """Measure the service beside its peers: everything, or what is named, with commas between."""
    if context.invoked_subcommand:
        return
    plan = Plan(
        command=f"python -m benchmarks {' '.join(sys.argv[1:])}".strip(),
        endpoints=tuple(ENDPOINTS[name] for name in _chosen(only, ENDPOINTS)),
        contestants=tuple(ALL[name] for name in _chosen(servers, ALL)),
        parts=tuple(_chosen(parts or ("rates" if only or servers else None), PARTS)),
        rounds=1 if quick else rounds,
        seconds=2 if quick else seconds,
        is_quick=quick,
    )
    results = _measure(plan)
    for each in tables(results):
        table(each.title, each.columns, each.rows)
    if write:
        FILE.write_text(results.model_dump_json(indent=1) + "\n")
        write_report(results)


@app.command()
def report() -> None:
    """Make the page and the picture again, from the results that are kept."""
    write_report(Results.model_validate_json(FILE.read_bytes()))


@app.command()
def layers() -> None:
    """Measure where a read's time goes, in process: the driver, the unit of work, the service."""
    configure(LogSettings(level="error"))
    with ended_by_signals(), alone(note), Bench.open() as bench:
        costs = measure_layers(bench, note)
    rows = [[name, f"{median(each):.0f}", f"{min(each):.0f} to {max(each):.0f}"] for name, each in costs.items()]
    table("Processor time of a worker, for one booking", ["", "µs", "of all turns"], rows)


@app.command()
def guards() -> None:
    """Measure what the guards cost a unit of work, in process."""
    configure(LogSettings(level="error"))
    with ended_by_signals(), alone(note), Bench.open(BOOKINGS) as bench:
        costs = measure_guards(bench)
    rows = [[work, *(told(costs, work, kind) for kind in KINDS)] for work in WORKS]
    table("Processor time of a unit of work, against none watched", ["", *KINDS], rows)


@app.command()
def moves(
    *,
    rounds: Annotated[int, typer.Option(min=1)] = 5,
    seconds: Annotated[int, typer.Option(min=1, help="Of each turn, after a warm-up.")] = 5,
) -> None:
    """Measure what comparing a sample costs the requests of a module that moves, over HTTP."""
    configure(LogSettings(level="error"))
    try:
        need_wrk()
        with ended_by_signals(), alone(note), Bench.open() as bench:
            rates = measure_moves(bench, note, rounds=rounds, seconds=seconds)
    except (LoadFailed, ServerFailed, WrkMissing, CrossdockError) as error:
        complain(str(error))
        raise typer.Exit(1) from None
    rows = [[each.title, *(told_of_moves(rates, stage, each.name) for stage in (SHADOW, REHEARSE))] for each in ASKED]
    table(f"Requests a second, against {NONE}", ["", SHADOW, REHEARSE], rows)


def _chosen(names: str | None, known: Collection[str]) -> list[str]:
    """Those that are named, or all. Raises BadParameter for a name that is not known."""
    chosen = names.split(",") if names else list(known)
    if unknown := set(chosen) - set(known):
        raise typer.BadParameter(f"{', '.join(sorted(unknown))}: there are {', '.join(known)}")
    return chosen


def _measure(plan: Plan) -> Results:
    """Told in one line where it fails."""
    configure(LogSettings(level="error"))
    try:
        need_wrk()
        with ended_by_signals(), alone(note):
            return measure(plan, note)
    except (AnswersDiffer, LoadFailed, ServerFailed, WrkMissing, CrossdockError) as error:
        complain(str(error))
        raise typer.Exit(1) from None


app(prog_name="python -m benchmarks")
