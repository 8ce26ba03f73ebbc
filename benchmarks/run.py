"""A run: part by part, each into its place in the results."""

import asyncio

from benchmarks.bench import Bench, Tell
from benchmarks.circumstances import machine, versions
from benchmarks.footprint import measure_half_load, measure_starts, measure_workers
from benchmarks.growth import SIZES, SIZES_QUICKLY, measure_growth
from benchmarks.plan import Plan
from benchmarks.rates import measure_rates
from benchmarks.results import Circumstances, Results
from crossdock.clock import Clock


def measure(plan: Plan, tell: Tell) -> Results:
    """Raises AnswersDiffer, LoadFailed, ServerFailed. Whatever it started has ended when it is left."""
    with Bench.open() as bench:
        results = Results(circumstances=_circumstances(plan, bench))
        if "rates" in plan.parts:
            measure_rates(bench, plan, results, tell)
        if "workers" in plan.parts:
            results.workers = measure_workers(bench, plan, tell)
        if "half" in plan.parts:
            results.half_load = measure_half_load(bench, plan, results.rates, tell)
        if "starts" in plan.parts:
            results.start_s = measure_starts(bench, plan, tell)
    if "growth" in plan.parts:
        for bookings in SIZES_QUICKLY if plan.is_quick else SIZES:
            with Bench.open(bookings) as bench:
                results.growth[bookings] = measure_growth(bench, tell)
    return results


def _circumstances(plan: Plan, bench: Bench) -> Circumstances:
    return Circumstances(
        measured_at=Clock().now(),
        command=plan.command,
        machine=machine(),
        versions=asyncio.run(versions(bench.server)),
        bookings=bench.bookings,
        rounds=plan.rounds,
        seconds=plan.seconds,
    )
