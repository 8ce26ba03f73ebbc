"""The guards of one database: which units of work are watched."""

import random
from collections.abc import Mapping

from crossdock.config.guards import GuardSettings
from crossdock.guards.findings import Finding, NestedUnitOfWork
from crossdock.guards.places import here, written
from crossdock.guards.reporting import Reporting
from crossdock.guards.watch import Watch, held


class Guards:
    """`settings` have nothing left open: `GuardSettings.in_environment`."""

    def __init__(self, settings: GuardSettings) -> None:
        self._share = 0.0 if settings.mode == "off" else settings.share or 0.0
        self._repeats_max = settings.repeats_max
        if self._share:
            import crossdock.sql.session  # noqa: F401  PostgreSQL's parser, before a request waits for it
        self._reporting = Reporting(raises=settings.mode == "raise")

    @property
    def found(self) -> Mapping[type[Finding], int]:
        """How often each finding was found."""
        return self._reporting.counts

    def watch(self, pool: str) -> Watch | None:
        """For a unit of work that is about to take a connection of a pool; None for one that is not watched.

        One inside of a watched one is always found. Raises NestedUnitOfWork for it, where findings are raised.
        """
        if not self._share:
            return None
        outer = held.get()
        if outer is not None and outer.is_open:
            self._nested(outer, pool)
        if random.random() >= self._share:  # noqa: S311  dice, and no secrets
            return None
        return Watch(self._reporting, pool, self._repeats_max)

    def _nested(self, outer: Watch, pool: str) -> None:
        what = (
            f"A unit of work on the pool '{pool}' was opened while another one of the same request is open, on the pool"
            f" '{outer.pool}', which began at {written(outer.places)}. The second one"
        )
        self._reporting.found(NestedUnitOfWork, what, here(), outer.sent)


class NewRequest:
    """A request is answered in the block. What its client has open in the same process, as in a test, is not of it.

    A class: each request enters it, and a generator would cost ten times as much.
    """

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token = held.set(None)

    def __exit__(self, *_: object) -> None:
        held.reset(self._token)
