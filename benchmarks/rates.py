"""Requests a second: rounds in each of which every server has its turn, so that a slow minute hits them all."""

from collections.abc import Sequence
from dataclasses import replace

from benchmarks.bench import Bench, Tell
from benchmarks.load import CONNECTIONS, play
from benchmarks.plan import Plan
from benchmarks.requests import Endpoint
from benchmarks.results import Played, Results, Rounds
from benchmarks.same import CHECKED, check_same
from benchmarks.serving import Serving

SETTLE_S = 2
"""Each, before the first round: or else whoever comes first fills the caches of a fresh database for all."""
WARM_UP_S = 1
ONCE_S_MAX = 4
"""For requests that work once: there are as many as open bookings, and no more."""
MEGABYTE = 1e6


def measure_rates(bench: Bench, plan: Plan, results: Results, tell: Tell) -> None:
    """Fills in the rates, and the memory that the servers have after it. Raises AnswersDiffer, LoadFailed."""
    shared = [endpoint for endpoint in plan.endpoints if not endpoint.once]
    if shared:
        with bench.start_all(plan.contestants) as servings:
            for endpoint in shared:  # before any is measured: a fault shows at once, and not after a quarter of an hour
                check_same(endpoint, bench.requests(endpoint), servings, bench.passport)
            for endpoint in shared:
                results.rates[endpoint.name] = _play_rounds(bench, endpoint, servings, plan, tell)
            results.memory_mb = {
                serving.contestant.name: [size / MEGABYTE for size in serving.memory_bytes()] for serving in servings
            }
    for endpoint in plan.endpoints:
        if endpoint.once:
            with bench.start_apart(plan.contestants) as servings:
                check_same(endpoint, bench.requests(endpoint), servings, bench.passport)
                short = replace(plan, seconds=min(plan.seconds, ONCE_S_MAX))
                results.rates[endpoint.name] = _play_rounds(bench, endpoint, servings, short, tell)


def _play_rounds(bench: Bench, endpoint: Endpoint, servings: Sequence[Serving], plan: Plan, tell: Tell) -> Rounds:
    rounds: Rounds = {serving.contestant.name: [] for serving in servings}
    places = dict.fromkeys(rounds, CHECKED)

    def turn(serving: Serving, seconds: int) -> Played:
        name = serving.contestant.name
        played = play(serving, bench.file(endpoint, serving.contestant), places[name], seconds, bench.server)
        places[name] += played.requests + CONNECTIONS  # as many may have been sent and not answered
        return played

    for serving in servings:
        turn(serving, SETTLE_S)
    for number in range(plan.rounds):
        # Another order in each round: whoever comes after a server that wrote much would always pay for it.
        first = number % len(servings)
        for serving in (*servings[first:], *servings[:first]):
            turn(serving, WARM_UP_S)
            played = turn(serving, plan.seconds)
            rounds[serving.contestant.name].append(played)
            tell(f"{endpoint.name}, round {number + 1}: {played.rate:7,.0f}/s {serving.contestant.name}")
    return rounds
