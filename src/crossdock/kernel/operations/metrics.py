"""Prometheus metrics: requests by route, and each pool's gate."""

from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from crossdock.kernel.pools import Pool


class Metrics:
    """One registry per app, so that two apps in one process do not share counters."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route")
        self._seconds = Histogram("crossdock_request_seconds", "Time to answer.", labels, registry=self.registry)
        self._requests = Counter(
            "crossdock_requests", "Requests answered.", (*labels, "status"), registry=self.registry
        )
        self._known: dict[tuple[str, str, int], tuple[Histogram, Counter]] = {}

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

    def watch(self, pools: Sequence[Pool]) -> None:
        self.registry.register(PoolCollector(pools))

    def text(self) -> bytes:
        return generate_latest(self.registry)


class PoolCollector(Collector):
    """The gates' counters, read when they are asked for."""

    def __init__(self, pools: Sequence[Pool]) -> None:
        self._pools = pools

    def collect(self) -> Iterable[Metric]:
        for field in ("in_use", "in_use_max", "waiting", "acquired_total", "exhausted_total"):
            family = GaugeMetricFamily(f"crossdock_pool_{field}", f"Connections: {field}.", labels=("pool",))
            for pool in self._pools:
                family.add_metric((pool.name,), getattr(pool.gate.statistics, field))
            yield family
