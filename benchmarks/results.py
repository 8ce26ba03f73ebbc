"""What was measured, as it is kept in results.json: every figure of every round, so that the page can be made again."""

import statistics
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel

FILE = Path(__file__).parent / "results.json"


class Played(BaseModel, frozen=True):
    """One run of wrk. The CPU figures are processors in use, on average: 1.0 is one of them all the time."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    cpu_load: float
    cpu_server: float
    cpu_database: float

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


class Latency(BaseModel, frozen=True):
    """What requests at a fixed rate waited, from when they should have left."""

    rate: float
    requests: int
    p50_ms: float
    p99_ms: float
    max_ms: float


class Circumstances(BaseModel, frozen=True):
    """Where and how it was measured."""

    measured_at: datetime
    command: str
    machine: dict[str, str]
    versions: dict[str, str]
    bookings: int
    rounds: int
    seconds: float


Rounds = dict[str, list[Played]]
"""Contestant, or number of workers → its rounds."""


class Results(BaseModel):
    """A run, or the part of it that was asked for."""

    circumstances: Circumstances
    rates: dict[str, Rounds] = {}
    """Endpoint → contestant → rounds, in which all of them took turns."""
    workers: dict[str, Rounds] = {}
    """Endpoint → number of the service's workers → rounds."""
    half_load: dict[str, dict[str, list[Latency]]] = {}
    """Endpoint → contestant → rounds, at half the rate that it reached."""
    growth: dict[int, dict[str, Latency]] = {}
    """Bookings in the world → whose page → its latency."""
    memory_mb: dict[str, list[float]] = {}
    """Contestant → each worker's proportional share of memory (PSS) after all rounds, in 10^6 bytes."""
    start_s: dict[str, list[float]] = {}
    """Contestant → how long each start took, from its process to the first good answer."""


def rate(rounds: Sequence[Played]) -> float:
    """The median of the rounds, in requests a second."""
    return statistics.median(played.rate for played in rounds)


def ratios(ours: Sequence[Played], theirs: Sequence[Played]) -> list[float]:
    """How many times as fast ours was, in each round."""
    return [our.rate / their.rate for our, their in zip(ours, theirs, strict=True)]


def median_of(rounds: Sequence[Played] | Sequence[Latency], figure: str) -> float:
    """The median of one of their fields."""
    return statistics.median(float(getattr(played, figure)) for played in rounds)
