"""What the runner asks of a migration tool; aerich and alembic each behind it."""

from pathlib import Path
from typing import Protocol

from crossdock.migrations.revision import Direction, Revision
from crossdock.migrations.run.conductor import Conductor


class Tool(Protocol):
    async def script(self, revision: Revision, direction: Direction) -> str | None:
        """The SQL of a revision; None when it has to ask a database first."""

    async def run(self, revision: Revision, direction: Direction, conductor: Conductor) -> None:
        """The revision and its row in the tool's version table."""

    async def record(self, revision: Revision) -> None:
        """The row of the next revision in the tool's version table, and none of its statements: they ran before."""

    async def differences(self) -> list[str]:
        """What the tool would write into a new revision now, a line each: none when it has nothing to do."""

    async def write(self, slug: str, message: str, *, is_empty: bool) -> Path | None:
        """The tool's own new revision; None when it has nothing to write. Overwrites and deletes no file."""
