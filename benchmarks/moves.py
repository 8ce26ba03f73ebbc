"""What a move costs the requests: the rate while a sample of them is compared, against the rate while none is.

`python -m benchmarks moves`. Bookings begin a move back to Tortoise, on one server, under load over HTTP. In each round
every stage has its turn, so that a slow minute hits them all.
"""

import os
import subprocess
from collections.abc import Mapping
from statistics import median

from benchmarks.bench import Bench, Tell
from benchmarks.contestants import NEW, PROGRAMS, environment
from benchmarks.load import LoadFailed, play
from benchmarks.rates import WARM_UP_S
from benchmarks.requests import ENDPOINTS
from benchmarks.serving import Serving

MODULE = "bookings"
SAMPLE = 10
"""Percent of the units of work."""
NONE, SHADOW, REHEARSE = "not compared", "shadow", "rehearse"
ASKED = [ENDPOINTS[name] for name in ("one", "page", "create")]
OPEN = {
    "CROSSDOCK_MOVES__STAGE_MIN_S": "0",
    "CROSSDOCK_MOVES__COMPARISONS_MIN": "1",
    "CROSSDOCK_MOVES__SLOWER_MAX": "1000",
}
"""For the commands: the gate is not what is measured."""

Rates = dict[tuple[str, str], list[float]]
"""Stage and endpoint → requests a second, round by round."""


def measure_moves(bench: Bench, tell: Tell, *, rounds: int, seconds: int) -> Rates:
    """Raises LoadFailed, and for a command that fails too."""
    rates: Rates = {}
    with bench.copy("moves") as database, bench.start(NEW, database) as serving:
        variables = _variables(bench, database)
        for number in range(rounds):
            for stage in (NONE, SHADOW, REHEARSE):
                _bring(variables, stage, is_first=number == 0)
                _play(bench, serving, stage, rates, seconds)
                told_now = ", ".join(f"{each.name} {rates[stage, each.name][-1]:,.0f}/s" for each in ASKED)
                tell(f"round {number + 1}, {stage}: {told_now}")
    return rates


def _bring(variables: Mapping[str, str], stage: str, *, is_first: bool) -> None:
    """To the next stage of a round. The workers hear of it while the load warms up."""
    if stage == SHADOW:
        _move(variables, *(("start", MODULE, "--sample", str(SAMPLE)) if is_first else ("advance", MODULE)))
    elif stage == REHEARSE:
        _move(variables, "exercise", MODULE, "--times", "2")
        _move(variables, "advance", MODULE)
    elif not is_first:
        _move(variables, "back", MODULE, "--to", "sqlalchemy")


def _play(bench: Bench, serving: Serving, stage: str, rates: Rates, seconds: int) -> None:
    for endpoint in ASKED:
        requests = bench.file(endpoint, NEW)
        for lasts in (2 * WARM_UP_S, seconds):
            played = play(serving, requests, 0, lasts, bench.server)
        rates.setdefault((stage, endpoint.name), []).append(played.rate)


def _variables(bench: Bench, database: str) -> dict[str, str]:
    service, owner, superuser = (
        address.with_database(database)
        for address in (bench.server.service, bench.server.owner, bench.server.superuser)
    )
    ours = environment(NEW, service=service, owner=owner, superuser=superuser, secret=bench.passport.secret)
    return {**os.environ, **ours, **OPEN}


def _move(variables: Mapping[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [str(PROGRAMS / "crossdock"), "move", *arguments], env=variables, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise LoadFailed(f"`crossdock move {' '.join(arguments)}` failed: {done.stderr or done.stdout}")


def told(rates: Rates, stage: str, endpoint: str) -> str:
    """The median of the rounds' ratios against those in which nothing was compared, with the lowest and the highest."""
    pairs = zip(rates[stage, endpoint], rates[NONE, endpoint], strict=True)
    ratios = [compared / free for compared, free in pairs]
    return f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
