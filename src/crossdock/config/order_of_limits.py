"""Nested limits: the inner one has to end first, so that an error names its real cause.

A lock that is held too long is `Busy` when PostgreSQL gives up the wait. Were its limit no shorter than the driver's,
the two would race, and now and then the same lock would be a database that does not answer.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crossdock.config.limits import DRIVER_PATIENCE_S
from crossdock.errors import ConfigurationError

if TYPE_CHECKING:
    from crossdock.config.settings import Settings

SERVERS_MARGIN_S = 0.1
"""Between two limits of PostgreSQL's."""
OUR_MARGIN_S = 1.0
"""Where an event loop is one of the two clocks: a busy one is late."""

REQUEST = "CROSSDOCK_HTTP__REQUEST_TIMEOUT_S"
STATEMENT = "CROSSDOCK_LIMITS__STATEMENT_TIMEOUT_MS"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two limits in seconds, each with the name that it is set by."""

    inner: str
    inner_s: float
    outer: str
    outer_s: float
    margin_s: float


def check(pairs: Iterable[Pair]) -> None:
    """Raises ConfigurationError for the first that is out of order."""
    for pair in pairs:
        if pair.outer_s < pair.inner_s + pair.margin_s:
            raise ConfigurationError(
                f"{pair.outer} is {pair.outer_s:g} s and has to be {pair.inner_s + pair.margin_s:g} s at least, over"
                f" {pair.inner} ({pair.inner_s:g} s): else it strikes first, and an error has the wrong cause."
            )


def of(settings: "Settings") -> Iterable[Pair]:
    """All pairs, from the innermost outwards."""
    limits, migrations, request_s = settings.limits, settings.migrations, settings.http.request_timeout_s
    lock_s, statement_s = limits.lock_timeout_ms / 1000, limits.statement_timeout_ms / 1000
    yield Pair("CROSSDOCK_LIMITS__LOCK_TIMEOUT_MS", lock_s, STATEMENT, statement_s, SERVERS_MARGIN_S)
    yield within_a_request(f"{STATEMENT} with {DRIVER_PATIENCE_S} s for the driver", limits.command_timeout_s, settings)
    for name in ("tortoise_pool", "transaction_pool", "platform_pool"):
        waits_s = getattr(settings, name).timeout_s
        yield within_a_request(f"CROSSDOCK_{name.upper()}__TIMEOUT_S", waits_s, settings)
    idle_s = limits.idle_in_transaction_timeout_ms / 1000
    yield Pair(REQUEST, request_s, "CROSSDOCK_LIMITS__IDLE_IN_TRANSACTION_TIMEOUT_MS", idle_s, OUR_MARGIN_S)
    yield Pair(
        "CROSSDOCK_MIGRATIONS__LOCK_TIMEOUT_MS",
        migrations.lock_timeout_ms / 1000,
        "CROSSDOCK_MIGRATIONS__STATEMENT_TIMEOUT_MS",
        migrations.statement_timeout_ms / 1000,
        SERVERS_MARGIN_S,
    )


def within_a_request(name: str, seconds: float, settings: "Settings") -> Pair:
    """What a request may wait for ends before the request does."""
    return Pair(name, seconds, REQUEST, settings.http.request_timeout_s, OUR_MARGIN_S)
