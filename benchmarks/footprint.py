"""What the service does with a machine: more workers, half its load, and the time that it needs to start."""

from contextlib import ExitStack

from benchmarks.bench import Bench, Tell
from benchmarks.contestants import BARE, NEW
from benchmarks.load import play
from benchmarks.pace import pace
from benchmarks.plan import Plan
from benchmarks.requests import Endpoint, on_the_wire
from benchmarks.results import Latency, Rounds, rate
from benchmarks.serving import Serving

WORKERS = (1, 2, 4)
WORKERS_ON = ("one", "page")
ROUNDS_MAX = 3
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
            for number in range(min(plan.rounds, ROUNDS_MAX)):
                for workers, serving in servings.items():
                    play(serving, file, 0, WARM_UP_S, bench.server)
                    played = play(serving, file, number, plan.seconds, bench.server)
                    rounds[str(workers)].append(played)
                    tell(f"{endpoint.name}, round {number + 1}: {played.rate:7,.0f}/s with {workers} workers")
            found[endpoint.name] = rounds
    return found


def measure_half_load(
    bench: Bench, plan: Plan, rates: dict[str, Rounds], tell: Tell
) -> dict[str, dict[str, list[Latency]]]:
    """The service, and the limit beside it, each at half of what it reached in this run, or else in a moment."""
    found: dict[str, dict[str, list[Latency]]] = {}
    with bench.start_all((NEW, BARE)) as servings:
        for endpoint in plan.of(*HALF_LOAD_ON):
            rounds: dict[str, list[Latency]] = {serving.contestant.name: [] for serving in servings}
            for _ in range(min(plan.rounds, ROUNDS_MAX)):
                for serving in servings:
                    it = _at_half_load(bench, plan, serving, endpoint, rates.get(endpoint.name, {}))
                    rounds[serving.contestant.name].append(it)
                    tell(
                        f"{endpoint.name} at {it.rate:,.0f}/s: p50 {it.p50_ms:.2f} ms, p99 {it.p99_ms:.2f} ms,"
                        f" {serving.contestant.name}"
                    )
            found[endpoint.name] = rounds
    return found


def _at_half_load(bench: Bench, plan: Plan, serving: Serving, endpoint: Endpoint, rates: Rounds) -> Latency:
    contestant = serving.contestant
    file = bench.file(endpoint, contestant)
    warming = play(serving, file, 0, WARM_UP_S, bench.server)
    reached = rate(rates.get(contestant.name) or [warming])
    requests = on_the_wire(bench.requests(endpoint), bench.passport if contestant.is_ours else None)
    return pace(serving.url, requests, reached / 2, HALF_LOAD_TIMES * plan.seconds)


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
