"""The metric of the guards: how often each of them has found something, also where its line is in the log already."""

from collections import Counter as Counting
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter

from crossdock.guards.findings import Finding


class GuardMetrics:
    """One for each app. Every guard is there from the start, at 0: what begins at 1 is no increase."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._findings = Counter(
            "crossdock_guard_findings",
            "What was found in units of work that are watched, by the guard.",
            ("guard",),
            registry=registry,
        )
        self._found: Mapping[type[Finding], int] = {}
        self._published: Counting[type[Finding]] = Counting()

    def watch(self, found: Mapping[type[Finding], int]) -> None:
        """From now on these are published."""
        self._found = found
        self._published.clear()

    def publish(self) -> None:
        """Copies what is known now. Units of work touch none of it."""
        for kind in Finding.__subclasses__():
            count = self._found.get(kind, 0)
            self._findings.labels(kind().code).inc(count - self._published[kind])
            self._published[kind] = count
