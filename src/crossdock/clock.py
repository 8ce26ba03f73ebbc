"""The only place that asks for the time: the server's clock decides, and a test can set it."""

from datetime import UTC, datetime, timedelta

SKEW = timedelta(seconds=60)
"""How far a client's clock may be ahead of ours, or behind it, in a time that means now."""


class Clock:
    """Now, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock(Clock):
    """A clock for tests: stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by


def now() -> datetime:
    """Now, in UTC, for the default of a column that is set where no clock is at hand."""
    return Clock().now()
