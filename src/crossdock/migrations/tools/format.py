"""What the rest of the migrations asks about a tool's files and version table. Neither tool is loaded for that."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import asyncpg

from crossdock.application import Application
from crossdock.migrations.revision import Revision

if TYPE_CHECKING:
    from crossdock.migrations.chain import Chain

Content = Callable[[str], str]
"""Name of a revision → what the tool keeps beside it in its version table."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an application has a tool's chain: `location` is the folder that the tool is given, `folder` the one inside
    it with the revisions, `table` the version table, `app` aerich's word for a group of models."""

    location: Path
    folder: Path
    table: str
    app: str = ""


class Format(Protocol):
    """A tool's files and its version table. `name` is the tool's.

    `keeps_every_row`: the version table has a row for each revision; without it, the last one alone. `keeps_state`:
    each file has the models as they were, and the tool compares with the last one; without it, with the database.
    `column` of the version table holds a revision's name. `block` is what statements that stand alone are put into, if
    anything. `by_hand`: an order, how its own commands come to take the lock and to write the journal.
    """

    name: str
    keeps_every_row: bool
    keeps_state: bool
    column: str
    block: str
    by_hand: str

    def place(self, application: Application) -> Place | None:
        """None where the application has no chain of this tool."""

    def revisions(self, folder: Path, chain: str) -> list[Revision]:
        """Oldest first. Raises BrokenChain where the files make no chain."""

    def next_number(self, revisions: Sequence[Revision]) -> str:
        """What the next revision is called before its words."""

    def table_sql(self, table: str) -> str:
        """Makes the version table as the tool does, where it is not there."""

    def versions(self, table: str, app: str) -> tuple[str, Sequence[str]]:
        """A query for the versions, oldest first, and its parameters."""

    async def write_versions(
        self, connection: asyncpg.Connection, chain: "Chain", wanted: Sequence[str], content: Content
    ) -> None:
        """Makes the version table have these, in this order."""

    async def take_out(
        self, connection: asyncpg.Connection, chain: "Chain", gone: Collection[str], left: Sequence[str]
    ) -> None:
        """Takes revisions out of the version table; `left` are the rows that it has then."""

    def set_back(self, table: str, before: str | None) -> str:
        """A sentence: how a row that somebody wrote is undone by hand."""

    def has_words_of(self, name: str, other: str) -> bool:
        """Two names that differ in their number alone: a revision that was renumbered."""

    def stand_alone(self, statement: str) -> str:
        """A sentence: how to write a statement that PostgreSQL refuses inside a transaction."""

    def uses_block(self, revision: Revision) -> bool:
        """Its statements show as a COMMIT before them and a BEGIN behind them."""

    def state_tables(self, revision: Revision) -> set[str]:
        """The tables of the models that a file keeps; none where it keeps none."""

    def insert(self, text: str, function: str, first: list[str], last: list[str]) -> str:
        """The text of a file with statements before and behind those of one of its functions."""
