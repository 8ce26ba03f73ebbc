"""One run of wrk: as many requests as a server answers over 32 connections, and who used the processors meanwhile."""

import json
import resource
import shutil
import subprocess
from pathlib import Path

from benchmarks.results import Played
from benchmarks.serving import Serving, cpu_s
from benchmarks.world.server import Server

CONNECTIONS = 32
SCRIPT = Path(__file__).parent / "lua" / "play.lua"


class LoadFailed(Exception):
    """An answer was no success, or the load generator failed: such a run says nothing."""


def play(serving: Serving, requests: Path, place: int, seconds: float, server: Server) -> Played:
    """Plays the file from a place. Raises LoadFailed."""
    backends = server.processes()
    before = serving.cpu_s(), cpu_s(backends), _children_cpu_s()
    raw = _wrk(serving.url, requests, place, seconds)
    after = serving.cpu_s(), cpu_s(backends), _children_cpu_s()
    lasted = raw["duration_us"] / 1e6
    service, database, load = ((now - then) / lasted for now, then in zip(after, before, strict=True))
    if raw["failed"] or raw["broken"]:
        raise LoadFailed(
            f"{serving.contestant.name} on {requests.stem}: {raw['failed']} answers over 399 and {raw['broken']} broken"
            f" connections of {raw['requests']}: see {serving.log}"
        )
    return Played(
        requests=raw["requests"],
        seconds=lasted,
        p50_ms=raw["p50_us"] / 1e3,
        p99_ms=raw["p99_us"] / 1e3,
        cpu_load=load,
        cpu_server=service,
        cpu_database=database,
    )


def _wrk(url: str, requests: Path, place: int, seconds: float) -> dict[str, int]:
    # wrk takes whole seconds; a timeout of its own would count as a broken connection, which fails the run.
    command = ["-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--timeout", "10s", "-s", str(SCRIPT), url]
    wrk = shutil.which("wrk")
    if wrk is None:
        raise LoadFailed("wrk is not installed: `make bench` does it, or apt-get install wrk")
    done = subprocess.run([wrk, *command, "--", str(requests), str(place)], capture_output=True, text=True, check=False)
    told = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not told:
        raise LoadFailed(f"wrk failed: {done.stderr or done.stdout}")
    answer: dict[str, int] = json.loads(told[-1])
    return answer


def _children_cpu_s() -> float:
    """Of children that have ended: between two calls, of wrk alone."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
