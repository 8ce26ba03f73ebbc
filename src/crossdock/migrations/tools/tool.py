"""What the runner asks of a migration tool; aerich and alembic each behind it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from crossdock.migrations.revision import Direction, Revision
from crossdock.migrations.run.conductor import Conductor

SLUG_MAX = 60


@dataclass(frozen=True, slots=True)
class StateOnly:
    """A revision with which tables change hands. `needs` is a line of its file, empty for the giver's."""

    tables: Sequence[str]
    taker: str
    number: str
    needs: str

    @property
    def slug(self) -> str:
        return f"hand_over_{'_'.join(self.tables)}"[:SLUG_MAX].rstrip("_")

    @property
    def words(self) -> dict[str, str]:
        """What the templates of the files have in common."""
        listed = ", ".join(self.tables)
        return {
            "summary": f"Hand {listed} over to {self.taker}.",
            "words": f"{self.taker} migrates {listed} from here on",
            "needs": self.needs,
            "handed_over": f"HANDED_OVER = {json.dumps(dict.fromkeys(self.tables, self.taker))}\n",
        }


class Tool(Protocol):
    """Runs one chain's revisions, and writes new ones."""

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

    async def state_only(self, words: StateOnly) -> tuple[Path, str]:
        """The name and the text of a revision that runs nothing and says that tables change hands."""

    async def restate(self) -> Path:
        """Writes the models as they are now into the last file, where the format keeps them there."""

    def content(self, name: str) -> str:
        """What the tool keeps beside a revision's name in its version table, as the file says it."""
