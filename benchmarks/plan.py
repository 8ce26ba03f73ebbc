"""What a run is to measure."""

from dataclasses import dataclass

from benchmarks.contestants import ALL, Contestant
from benchmarks.requests import ENDPOINTS, Endpoint

PARTS = ("rates", "workers", "half", "starts", "growth")


@dataclass(frozen=True, slots=True)
class Plan:
    """`rounds` turns of `seconds` each, for every endpoint and server. A quick one leaves out what takes minutes."""

    command: str
    endpoints: tuple[Endpoint, ...] = tuple(ENDPOINTS.values())
    contestants: tuple[Contestant, ...] = tuple(ALL.values())
    parts: tuple[str, ...] = PARTS
    rounds: int = 5
    seconds: int = 5
    is_quick: bool = False

    def of(self, *names: str) -> list[Endpoint]:
        """Those of the endpoints that are among some names."""
        return [endpoint for endpoint in self.endpoints if endpoint.name in names]
