"""The conductor of one step: what happens before and after each of its statements, whichever tool sends them."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any

from crossdock.migrations.history.journal import PROGRAM
from crossdock.migrations.plan import Step
from crossdock.migrations.run.catalogue import Catalogue
from crossdock.migrations.run.watch import Watch
from crossdock.models.names import JOURNAL_TABLE
from crossdock.sql.statement import Statement, statements

SKIPPED = "SELECT"
"""What is sent in place of a statement that need not run."""


class Conductor:
    """`count` is how many statements were sent so far, `current` the last one: for the words of a failure.

    `settings` are those of the tool's connection: PostgreSQL's own timeouts, and the name that the journal knows.
    `first` are the locks that the tool takes before its first statement (`LockOrder`), `table` is its version table.
    """

    def __init__(
        self,
        step: Step,
        watch: Watch,
        catalogue: Catalogue,
        settings: dict[str, str],
        first: Sequence[Statement] = (),
        *,
        table: str,
    ) -> None:
        self.step = step
        self._tables = (table, JOURNAL_TABLE)
        self.settings = settings | {"application_name": f"{PROGRAM} ({step.revision.chain})"}
        self.count = 0
        self.current: Statement | None = None
        self.pid: int | None = None
        self._watch = watch
        self._catalogue = catalogue
        self._first = list(first)
        self._locks = {statement.text for statement in first}

    def first(self) -> Iterator[str]:
        """The locks that are to be taken now: each once, whoever asks."""
        while self._first:
            # `current` before it is sent: where this lock is the one that cannot be had, `LockOrder` learns from it.
            self.current = self._first.pop(0)
            yield self.current.text

    async def script(self, sql: str, pid: int, run: Callable[[str], Awaitable[Any]]) -> None:
        """Sends a script one statement at a time: each can then be reported, watched, and left out after a kill."""
        # All of the locks before the first statement: taken later, they would be in the order that led to the wait.
        for lock in self.first():
            await run(lock)
        for statement in statements(sql):
            if await self.before(statement, pid):
                await run(statement.text)
                await self.after(statement, pid)

    async def before(self, statement: Statement, pid: int) -> bool:
        """False when an earlier run, which was killed, did it already."""
        # Counted before it is sent: a failure names this statement, and asks who stands in the way of this backend.
        self.count, self.current, self.pid = self.count + 1, statement, pid
        await self._watch.before(self.step, statement.text)
        if self.step.revision.stands_alone:
            # Its statements commit one by one, so a killed run has left some of them done.
            return await self._catalogue.is_to_do(statement, resumed=self.step.is_resumed)
        await self._catalogue.refuse_hidden(statement)
        return True

    async def after(self, statement: Statement, pid: int) -> None:
        await self._watch.after(self.step, statement.text, pid)

    def is_bookkeeping(self, sql: str) -> bool:
        """The tools' own queries to their version tables, and the locks that are taken first."""
        if sql in self._locks:
            return True
        is_look = sql.lstrip().upper().startswith("SELECT") and "pg_catalog." in sql
        return is_look or self.is_of_versions(sql)

    def is_of_versions(self, sql: str) -> bool:
        """What a tool sends when a revision begins or ends."""
        return any(table in sql for table in self._tables)
