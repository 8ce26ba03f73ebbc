"""The metrics of the modules: at which stage each is, whether it is read-only, and what was compared."""

from collections import Counter as Counting
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge

from crossdock.registry import Module, Registry
from crossdock.stages import EVERYTHING, Stage, Stages

Compared = Mapping[tuple[str, str], int]
"""(module, verdict) → how many comparisons of this process came to it so far."""


class ModuleMetrics:
    """One for each app. Nothing is published before `watch`.

    Every worker hears of the same stages, so of the gauges of all workers the greatest counts.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._stage = Gauge(
            "crossdock_module_stage",
            "1 for the stage that a module is at, 0 for the others.",
            ("module", "stage"),
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._read_only = Gauge(
            "crossdock_module_read_only",
            "1 where nothing of a module is written for now; of all modules at once by the name *.",
            ("module",),
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._comparisons = Counter(
            "crossdock_comparisons",
            "Calls that both stores of a module were asked, by what came of it.",
            ("module", "verdict"),
            registry=registry,
        )
        self._published: Counting[tuple[str, str]] = Counting()

    def watch(self, registry: Registry, stages: Stages, compared: Compared) -> None:
        """From now on these are published."""
        self._registry, self._stages, self._compared = registry, stages, compared
        self._published.clear()

    def publish(self) -> None:
        """Copies what is known now. Requests touch none of it."""
        self._read_only.labels(EVERYTHING).set(self._stages.of(EVERYTHING).read_only)
        for module in self._registry:
            self._read_only.labels(module.name).set(self._stages.of(module.name).read_only)
            self._publish_stage(module)
        for place, count in self._compared.items():
            self._comparisons.labels(*place).inc(count - self._published[place])
            self._published[place] = count

    def _publish_stage(self, module: Module) -> None:
        """One that does not move is at the stage that is called after its ORM."""
        at = self._stages.of(module.name).stage or Stage(self._registry.orm_of(module).value)
        for stage in Stage:
            self._stage.labels(module.name, stage.value).set(stage is at)
