"""What a document is read from: all that this room knows of a unit of work."""

from collections.abc import Sequence
from typing import Any, Protocol

from crossdock.tenancy import Scope


class Reader(Protocol):
    """A unit of work, or whatever else runs one statement on behalf of a scope."""

    @property
    def scope(self) -> Scope:
        """On whose behalf."""
        ...

    async def first(self, sql: str, arguments: Sequence[Any]) -> Any:
        """The first row of a statement in PostgreSQL's own words ($1, $2), or None."""
        ...
