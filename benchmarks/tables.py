"""One table for each question, in words: for the terminal and for the page."""

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.contestants import ALL, BARE, NEW, OLD, SQLALCHEMY, TORTOISE
from benchmarks.requests import ENDPOINTS
from benchmarks.results import Latency, Played, Results, Rounds, median_of, rate, ratios


@dataclass(frozen=True, slots=True)
class Table:
    """`note` says what the figures are, and what they are not."""

    title: str
    note: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


ENDPOINTS_WITH_TARGETS = ("one", "nested", "page", "create")
TARGETS = {
    SQLALCHEMY.name: ("3.0", "5.5", "3.5", "1.5"),
    TORTOISE.name: ("1.5", "4.0", "2.5", "0.8"),
    BARE.name: ("0.5, goal 0.8", "0.65, goal 0.85", "0.6, goal 0.75", "0.5, goal 0.7"),
}
"""Peer → how many times its rate the service is to reach, in the order of the endpoints above."""


def tables(results: Results) -> Iterator[Table]:
    """Those that the results have something for."""
    rates = results.rates
    if rates:
        if all(NEW.name in rounds for rounds in rates.values()):
            yield _ratios(rates)
        yield _of_servers("Requests a second", RATE_NOTE, rates, lambda rounds: f"{rate(rounds):,.0f}")
        yield _of_servers("Waiting, in ms", WAIT_NOTE, rates, _waiting)
        yield _of_servers("Processors in use", CPU_NOTE, rates, _processors)
    if results.workers:
        yield _workers(results.workers)
    if results.half_load:
        yield _half_load(results.half_load)
    if results.growth:
        yield _growth(results.growth)
    if results.memory_mb or results.start_s:
        yield _footprint(results)


RATIO_NOTE = (
    "Crossdock as it is served: signed in, tenant-isolated, metered, logged; the peers are none of that."
    " The median of the rounds' ratios, in brackets the lowest and the highest round; below, what is to be reached."
)
RATE_NOTE = "The median of the rounds, at the most that a server answers over 32 connections."
WAIT_NOTE = (
    "The 50th and the 99th percentile at that rate, as wrk sees them, medians of the rounds. All 32 connections always"
    " wait for an answer, so the mean is 32 divided by the rate: this says how even a server is, not how quick."
)
CPU_NOTE = (
    "By the load generator, the server and PostgreSQL, on average over the rounds. They share the machine: where they"
    " add up to all that it has, a faster server leaves less for the others, and the ratios above are held down by it."
)
HALF_NOTE = (
    "One worker at half of the rate that it reached. Requests leave by the clock, whether the ones before were answered"
    " or not, and are timed from when they should have left: nothing that had to wait is left out. Beside it the limit,"
    " at half of its own: how much of the tail is the machine's. Medians of the rounds. To reach: a 99th percentile"
    " under 3 times the 50th."
)
GROWTH_NOTE = (
    "The 50th percentile, in ms, of one page of 50 bookings with their shipper, one request after the other."
    " Full pages but for the new shipper, which sees nothing. A new carrier has no bookings of its own"
    " and sees all that are open. To reach: a million bookings under 1.3 times as long as a thousand."
)
FOOTPRINT_NOTE = (
    "Memory: the proportional share (PSS) of a worker with all its modules after all rounds; to reach: under 160 MB."
    " Start: from the process to its first good answer, the database running and migrated; the fastest of three."
)
WORKERS_NOTE = "Crossdock, requests a second. More workers than processors cannot help."


def _ratios(rates: dict[str, Rounds]) -> Table:
    endpoints = [name for name in ENDPOINTS if name in rates]
    rows = []
    for contestant in (SQLALCHEMY, TORTOISE, BARE, OLD):
        played = {name: rounds for name, rounds in rates.items() if contestant.name in rounds}
        if played:
            cells = [_ratio(played[name], contestant.name) if name in played else "" for name in endpoints]
            rows.append([f"against {contestant.title}", *cells])
        if played and contestant.name in TARGETS:
            targets = dict(zip(ENDPOINTS_WITH_TARGETS, TARGETS[contestant.name], strict=True))
            rows.append(["to reach", *(targets.get(name, "") for name in endpoints)])
    return Table("How many times as fast", RATIO_NOTE, ["", *(ENDPOINTS[name].heading for name in endpoints)], rows)


def _ratio(rounds: Rounds, name: str) -> str:
    found = ratios(rounds[NEW.name], rounds[name])
    return f"{statistics.median(found):.2f}× ({min(found):.2f} to {max(found):.2f})"


def _of_servers(title: str, note: str, rates: dict[str, Rounds], cell: Callable[[list[Played]], str]) -> Table:
    """A row for each server, a column for each endpoint."""
    endpoints = [name for name in ENDPOINTS if name in rates]
    rows = [
        [contestant.title, *(cell(rates[name][key]) if key in rates[name] else "" for name in endpoints)]
        for key, contestant in ALL.items()
        if any(key in rounds for rounds in rates.values())
    ]
    return Table(title, note, ["", *(ENDPOINTS[name].heading for name in endpoints)], rows)


def _waiting(rounds: list[Played]) -> str:
    return f"{median_of(rounds, 'p50_ms'):.1f}, {median_of(rounds, 'p99_ms'):.1f}"


def _processors(rounds: list[Played]) -> str:
    return " + ".join(f"{median_of(rounds, who):.2f}" for who in ("cpu_load", "cpu_server", "cpu_database"))


def _workers(workers: dict[str, Rounds]) -> Table:
    counts = list(next(iter(workers.values())))
    rows = [[ENDPOINTS[name].heading, *(f"{rate(rounds[n]):,.0f}" for n in counts)] for name, rounds in workers.items()]
    return Table("More workers", WORKERS_NOTE, ["", *(_plural(int(count), "worker") for count in counts)], rows)


def _half_load(found: dict[str, dict[str, list[Latency]]]) -> Table:
    rows = [
        [f"{ENDPOINTS[name].heading}, {ALL[key].title}", *_latency(rounds)]
        for name, by_server in found.items()
        for key, rounds in by_server.items()
    ]
    return Table("At half load", HALF_NOTE, ["", "requests a second", "p50, ms", "p99, ms", "p99 to p50"], rows)


def _latency(rounds: list[Latency]) -> list[str]:
    p50, p99 = median_of(rounds, "p50_ms"), median_of(rounds, "p99_ms")
    return [f"{median_of(rounds, 'rate'):,.0f}", f"{p50:.2f}", f"{p99:.2f}", f"{p99 / p50:.1f}×"]


def _growth(growth: dict[int, dict[str, Latency]]) -> Table:
    sizes = sorted(growth)
    rows = []
    for case in growth[sizes[0]]:
        waits = [growth[size][case].p50_ms for size in sizes]
        rows.append([case, *(f"{wait:.2f}" for wait in waits), f"{waits[-1] / waits[0]:.2f}×"])
    return Table(
        "A page, as the world grows",
        GROWTH_NOTE,
        ["", *(f"{size:,} bookings" for size in sizes), "last to first"],
        rows,
    )


def _footprint(results: Results) -> Table:
    rows = []
    for key, contestant in ALL.items():
        memory, starts = results.memory_mb.get(key), results.start_s.get(key)
        if memory or starts:
            rows.append(
                [contestant.title, f"{max(memory):.0f}" if memory else "", f"{min(starts):.2f}" if starts else ""]
            )
    return Table("Memory and start", FOOTPRINT_NOTE, ["", "memory of a worker, MB", "start, s"], rows)


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
