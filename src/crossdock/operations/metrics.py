"""Prometheus metrics: requests by route, each pool's gate, the modules and the guards. One answer for all workers."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from crossdock.operations.guard_metrics import GuardMetrics
from crossdock.operations.module_metrics import Compared, ModuleMetrics
from crossdock.pools.gate import GateStatistics
from crossdock.transaction import Database

DIRECTORY = "PROMETHEUS_MULTIPROC_DIR"
"""Prometheus's own variable: where the workers of one service keep what they count."""
PUBLISHED_EVERY_S = 1.0
"""How often a worker writes the statistics of its pools for the others. The worker that is asked for the metrics writes
its own at that moment."""


def share(directory: Path, slot: int) -> None:
    """In a worker, before its app is made: from now on it counts in files that all workers read.

    They are named by the worker's place among the others and not by its process, so who takes the place of a dead one
    counts on where that one stopped, and no file is left behind.
    """
    os.environ[DIRECTORY] = str(directory)
    values.ValueClass = values.MultiProcessValue(process_identifier=lambda: slot)  # type: ignore[no-untyped-call]


def forget(directory: Path, slot: int) -> None:
    """Takes away what a worker that has died had in use. What it counted stays."""
    mark_process_dead(slot, str(directory))  # type: ignore[no-untyped-call]


class Metrics:
    """One registry per app, so that two apps in one process do not share counters."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._shared_in = os.environ.get(DIRECTORY)
        labels = ("method", "route")
        self._seconds = Histogram("crossdock_request_seconds", "Time to answer.", labels, registry=self.registry)
        self._requests = Counter(
            "crossdock_requests", "Requests answered.", (*labels, "status"), registry=self.registry
        )
        self._known: dict[tuple[str, str, int], tuple[Histogram, Counter]] = {}
        self._of_gates = families(self.registry)
        self._gates: list[GateMetrics] = []
        self._of_modules = ModuleMetrics(self.registry)
        self._of_guards = GuardMetrics(self.registry)
        self._is_watching = False

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        duration, count = self._series(method, route, status)
        duration.observe(seconds)
        count.inc()

    def _series(self, method: str, route: str, status: int) -> tuple[Histogram, Counter]:
        """Looked up once: finding them by their labels costs more than counting. As many as routes and statuses."""
        known = self._known.get((method, route, status))
        if known is None:
            known = self._seconds.labels(method, route), self._requests.labels(method, route, str(status))
            self._known[method, route, status] = known
        return known

    @asynccontextmanager
    async def watching(self, database: Database, compared: Compared) -> AsyncIterator[None]:
        """Inside, what is known of a database's pools, modules and guards is among the metrics, and is written for the
        other workers."""
        self._gates = [GateMetrics(self._of_gates, pool.name, pool.gate.statistics) for pool in database.pools]
        self._of_modules.watch(database.registry, database.stages, compared)
        self._of_guards.watch(database.environment.guards.found)
        self._is_watching = True
        self._publish()
        publishing = asyncio.create_task(self._publish_always()) if self._shared_in else None
        try:
            yield
        finally:
            if publishing is not None:
                publishing.cancel()
                with suppress(asyncio.CancelledError):
                    await publishing
            self._publish()

    async def _publish_always(self) -> None:
        while True:
            await asyncio.sleep(PUBLISHED_EVERY_S)
            self._publish()

    def _publish(self) -> None:
        if not self._is_watching:
            return
        for gate in self._gates:
            gate.publish()
        self._of_modules.publish()
        self._of_guards.publish()

    def text(self) -> bytes:
        self._publish()
        if self._shared_in is None:
            return generate_latest(self.registry)
        of_all = CollectorRegistry()
        MultiProcessCollector(of_all, self._shared_in)  # type: ignore[no-untyped-call]
        return generate_latest(of_all)


Families = tuple[dict[str, Gauge], dict[str, Counter]]


def families(registry: CollectorRegistry) -> Families:
    """The metrics of a gate, by the names of its statistics: gauges and counters."""
    modes: dict[str, tuple[str, Literal["livesum", "livemax"]]] = {
        "in_use": ("Connections in use.", "livesum"),
        "in_use_max": ("The most that were in use at once in one worker.", "livemax"),
        "waiting": ("Callers that wait for a connection.", "livesum"),
    }
    now = {
        name: Gauge(f"crossdock_pool_{name}", text, ("pool",), registry=registry, multiprocess_mode=mode)
        for name, (text, mode) in modes.items()
    }
    ever = {
        f"{name}_total": Counter(f"crossdock_pool_{name}", text, ("pool",), registry=registry)
        for name, text in (
            ("acquired", "Connections that were given out."),
            ("exhausted", "Callers that were refused, since none became free in time."),
        )
    }
    return now, ever


class GateMetrics:
    """The metrics of one gate, copied from its statistics now and then, so that a request need not touch them."""

    def __init__(self, of_gates: Families, pool: str, statistics: GateStatistics) -> None:
        self._statistics = statistics
        self._now = {name: gauge.labels(pool) for name, gauge in of_gates[0].items()}
        self._ever = {name: counter.labels(pool) for name, counter in of_gates[1].items()}
        self._published = dict.fromkeys(self._ever, 0)

    def publish(self) -> None:
        for name, gauge in self._now.items():
            gauge.set(getattr(self._statistics, name))
        for name, counter in self._ever.items():
            count = getattr(self._statistics, name)
            counter.inc(count - self._published[name])
            self._published[name] = count
