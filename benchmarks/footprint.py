"""What the service does with a machine: more workers, half its load, and the time that it needs to start."""

from contextlib import ExitStack

from benchmarks.bench import Bench, Tell
from benchmarks.contestants import NEW
from benchmarks.load import play
from benchmarks.pace import pace
from benchmarks.plan import Plan
from benchmarks.requests import on_the_wire
from benchmarks.results import Latency, Rounds, rate

WORKERS = (1, 2, 4)
WORKERS_ON = ("one", "page")
WORKERS_ROUNDS_MAX = 3
HALF_LOAD_ON = ("one", "nested", "page", "create")
HALF_LOAD_TIMES = 2
"""So many times as long as a turn: a 99th percentile needs many requests."""
STARTS = 3
WARM_UP_S = 1


def measure_workers(bench: Bench, plan: Plan, tell: Tell) -> dict[str, Rounds]:
    """Endpoint → number of workers → rounds, in which they take turns."""
    found: dict[str, Rounds] = {}
    with ExitStack() as stack:
        database = stack.enter_context(bench.copy("workers"))
        servings = {workers: stack.enter_context(bench.start(NEW, database, workers)) for workers in WORKERS}
        for endpoint in plan.of(*WORKERS_ON):
            rounds: Rounds = {str(workers): [] for workers in WORKERS}
            file = bench.file(endpoint, NEW)
            for number in range(min(plan.rounds, WORKERS_ROUNDS_MAX)):
                for workers, serving in servings.items():
                    play(serving, file, 0, WARM_UP_S, bench.server)
                    played = play(serving, file, number, plan.seconds, bench.server)
                    rounds[str(workers)].append(played)
                    tell(f"{endpoint.name}, round {number + 1}: {played.rate:7,.0f}/s with {workers} workers")
            found[endpoint.name] = rounds
    return found


def measure_half_load(bench: Bench, plan: Plan, rates: dict[str, Rounds], tell: Tell) -> dict[str, Latency]:
    """At half of what the service reached in this run, or else in a moment of its own."""
    found = {}
    with bench.copy("half") as database, bench.start(NEW, database) as serving:
        for endpoint in plan.of(*HALF_LOAD_ON):
            file = bench.file(endpoint, NEW)
            play(serving, file, 0, WARM_UP_S, bench.server)
            rounds = rates.get(endpoint.name, {}).get(NEW.name) or [play(serving, file, 0, plan.seconds, bench.server)]
            requests = on_the_wire(bench.requests(endpoint), bench.passport)
            found[endpoint.name] = it = pace(serving.url, requests, rate(rounds) / 2, HALF_LOAD_TIMES * plan.seconds)
            tell(f"{endpoint.name} at {it.rate:,.0f}/s: p50 {it.p50_ms:.2f} ms, p99 {it.p99_ms:.2f} ms")
    return found


def measure_starts(bench: Bench, plan: Plan, tell: Tell) -> dict[str, list[float]]:
    """Contestant → seconds of each of a few starts, on a database that is there and migrated."""
    found: dict[str, list[float]] = {}
    with bench.copy("starts") as database:
        for contestant in plan.contestants:
            starts = found[contestant.name] = []
            for _ in range(STARTS):
                with bench.start(contestant, database) as serving:
                    starts.append(serving.started_in_s)
            tell(f"{contestant.name} starts in {min(starts):.2f} s")
    return found
