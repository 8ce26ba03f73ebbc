"""The observers of a run: the progress line, the lock trace, and the tests that kill at each statement."""

from typing import Protocol

from crossdock.migrations.plan import Step


class Watch(Protocol):
    """Each is awaited where it is called, so a watcher can look at the locks that the statement holds by then."""

    async def step(self, step: Step) -> None:
        """Is about to begin."""

    async def before(self, step: Step, statement: str) -> None: ...

    async def after(self, step: Step, statement: str, pid: int) -> None:
        """`pid` is the backend that ran it; in a transaction its locks are held still."""

    async def done(self, step: Step) -> None:
        """Committed."""


class Unwatched:
    """Nobody looks on; a base for those who want to see one thing."""

    async def step(self, step: Step) -> None:
        pass

    async def before(self, step: Step, statement: str) -> None:
        pass

    async def after(self, step: Step, statement: str, pid: int) -> None:
        pass

    async def done(self, step: Step) -> None:
        pass
