"""The journal: a row for each step that was begun, and for each change of a version table, whoever made it.

A trigger on both version tables writes the latter in the tool's own transaction. So a revision, its row in the version
table and its row here are there together or not at all, also when aerich or alembic is called by hand; and an edit by
hand is known for what it is, by the name of the program.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

import asyncpg

from crossdock.kernel.migrations.revision import Revision

TABLE = "crossdock_journal"
ALONE = ", each statement by itself"
PROGRAM = "crossdock migrate"
"""The application_name of everything of ours begins so."""

READ = f"SELECT at, chain, event, revision, before, checksum, program, actor, detail FROM {TABLE} ORDER BY id"  # noqa: S608
WRITE = f"INSERT INTO {TABLE} (chain, event, revision, before, checksum, detail) VALUES ($1, $2, $3, $4, $5, $6)"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Event:
    """`started` and `failed` name a step; `version`: a version table came from `before` to `revision`, None is nothing;
    `accepted`: somebody said that the file and the version table are right as they are."""

    at: datetime
    chain: str
    event: str
    revision: str | None
    before: str | None
    checksum: str | None
    program: str
    actor: str
    detail: str | None

    @property
    def direction(self) -> str:
        """Of a step that was begun: `up` or `down`."""
        return (self.detail or "").removesuffix(ALONE)

    @property
    def stood_alone(self) -> bool:
        """Of a step that was begun: its statements commit one by one."""
        return (self.detail or "").endswith(ALONE)

    @property
    def is_by_hand(self) -> bool:
        """Neither the runner nor a tool with our configuration."""
        return not self.program.startswith(PROGRAM)


class Journal:
    """On one connection of the direct lane, whose search_path says in which schema."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def ensure(self) -> None:
        """Makes the journal, both version tables as their tools make them, and the triggers between them."""
        sql = files("crossdock.kernel.migrations").joinpath("journal.sql").read_text(encoding="utf-8")
        async with self._connection.transaction():
            await self._connection.execute(sql)

    async def events(self) -> list[Event]:
        """Oldest first; none where there is no journal yet."""
        if await self._connection.fetchval("SELECT to_regclass($1)", TABLE) is None:
            return []
        return [Event(**row) for row in await self._connection.fetch(READ)]

    async def write(self, event: str, revision: Revision, detail: str | None = None) -> None:
        await self._connection.execute(WRITE, revision.chain, event, revision.name, None, revision.checksum, detail)

    async def write_accepted(self, chain: str, now: str | None, before: str | None) -> None:
        """The version table is right as it is: it has `now`, and no longer has `before`."""
        await self._connection.execute(WRITE, chain, "accepted", now, before, None, None)


def versions(events: Sequence[Event], chain: str) -> list[str] | None:
    """What the tools themselves have left applied, in order of their coming; None where they left no word of it.

    alembic's table holds the last revision alone: the list has its moves, the last of which counts.
    """
    told = [event for event in events if event.chain == chain and event.event in ("version", "accepted")]
    if not told:
        return None
    applied: list[str] = []
    for event in told:
        if event.event == "version" and event.is_by_hand:
            continue
        if event.before in applied:
            applied.remove(event.before)
        if event.revision is not None and event.revision not in applied:
            applied.append(event.revision)
    return applied


def way(events: Sequence[Event], chain: str) -> list[str]:
    """The revisions that the last one stands on, oldest first, whoever put them there; it comes last itself.

    For alembic, whose table moves from one revision to the next. Empty where the journal has no word of them.
    """
    path: list[str] = []
    for event in events:
        if event.chain != chain or event.event not in ("version", "accepted"):
            continue
        if event.event == "version" and event.before is None:
            path.clear()  # the table was empty
        elif event.before in path:
            del path[path.index(event.before) + 1 :]
        if event.revision in path:
            del path[path.index(event.revision) + 1 :]  # it went back
        elif event.revision is not None:
            path.append(event.revision)
    return path


def checksums(events: Sequence[Event], chain: str) -> dict[str, Event]:
    """Revision → the last event that knew its file."""
    return {str(event.revision): event for event in events if event.chain == chain and event.checksum}


def begun(events: Sequence[Event], chain: str) -> dict[str, Event]:
    """Revision → its last step, where no version came of that: the run was killed in it, or it failed."""
    steps: dict[str, Event] = {}
    for event in events:
        if event.chain == chain and event.event == "started":
            steps[str(event.revision)] = event
        elif event.chain == chain and event.event == "version":
            steps.pop(str(event.revision), None)
            steps.pop(str(event.before), None)
    return steps


def by_hand(events: Sequence[Event], chain: str, revision: str) -> Event | None:
    """The last edit of a version table by hand that named a revision."""
    for event in reversed(events):
        is_edit = event.event == "version" and event.is_by_hand and event.chain == chain
        if is_edit and revision in (event.revision, event.before):
            return event
    return None
