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

from crossdock.migrations.chain import Chain
from crossdock.migrations.names import spelled, stored
from crossdock.migrations.revision import Revision
from crossdock.models.names import JOURNAL_TABLE

ALONE = ", each statement by itself"
PROGRAM = "crossdock migrate"
"""The application_name of everything of ours begins so."""

STAMPED = "alembic stamp"
FAKED = "aerich --fake"
MENDED = "crossdock migrate mend"
"""The details of a change of a version table for which no statement was run. The last one takes others back."""
RENUMBERED = "renumbered"
RAN_BY_HAND = "run by its own tool"
"""The details of what is accepted without a word on the version table: the first is there under another name, and to
be written down under this one; the second is the checksum of what ran."""
THE_FILE = "the file"
"""Another: somebody vouches for what a file says, and not for what a version table has."""

READ = f"""
SELECT at, chain, event, revision, before, checksum, program, actor, detail, to_jsonb(j) ->> 'body' AS body
FROM {JOURNAL_TABLE} j ORDER BY id
"""  # noqa: S608
WRITE = f"""
INSERT INTO {JOURNAL_TABLE} (chain, event, revision, before, checksum, detail, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""  # noqa: S608
TRIGGER = """
CREATE OR REPLACE TRIGGER crossdock_journal AFTER INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION crossdock_journal_version({words})
"""
MARK = f"""
UPDATE {JOURNAL_TABLE} SET detail = '{{}}' WHERE event = 'version' AND pid = pg_backend_pid()
    AND at >= (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
"""  # noqa: S608
"""Says of all changes of version tables by this connection that no statement was run for them."""


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
    body: str | None = None

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

    @property
    def is_unrun(self) -> bool:
        """A version was written, and none of its statements was run."""
        return self.event == "version" and self.detail in (STAMPED, FAKED, MENDED)

    @property
    def counts(self) -> bool:
        """What a version table should have since: a change by a tool or the runner, or the word of a person."""
        if self.event == "version":
            return not (self.is_by_hand or self.is_unrun)
        return self.event == "accepted" and self.detail is None


class Journal:
    """On one connection of the direct lane, whose search_path says in which schema."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection

    async def ensure(self, chains: Sequence[Chain]) -> None:
        """Makes the journal, the version tables as their tools make them, and the triggers between them."""
        sql = files("crossdock.migrations.history").joinpath("journal.sql").read_text(encoding="utf-8")
        async with self._connection.transaction():
            for chain in chains:
                await self._connection.execute(chain.format.table_sql(chain.table))
            await self._connection.execute(sql)
            for chain in chains:
                words = ", ".join(f"'{word}'" for word in (stored(chain.name), chain.format.column, chain.app) if word)
                await self._connection.execute(TRIGGER.format(table=chain.table, words=words))

    async def events(self) -> list[Event]:
        """Oldest first; none where there is no journal yet."""
        if await self._connection.fetchval("SELECT to_regclass($1)", JOURNAL_TABLE) is None:
            return []
        rows = [dict(row) for row in await self._connection.fetch(READ)]
        return [Event(**row | {"chain": spelled(row["chain"])}) for row in rows]

    async def write(self, event: str, revision: Revision, detail: str | None = None) -> None:
        await self._write(revision, event, detail)

    async def write_renumbered(self, was: str, revision: Revision) -> None:
        """The revision is there: it ran when it was called `was`."""
        await self._write(revision, "accepted", RENUMBERED, was)

    async def _write(self, revision: Revision, event: str, detail: str | None, before: str | None = None) -> None:
        values = (stored(revision.chain), event, revision.name, before, revision.checksum, detail, revision.body)
        await self._connection.execute(WRITE, *values)

    async def write_accepted(self, chain: str, now: str | None, before: str | None) -> None:
        """The version table is right as it is: it has `now`, and no longer has `before`."""
        await self._connection.execute(WRITE, stored(chain), "accepted", now, before, None, None, None)


def versions(events: Sequence[Event], chain: str) -> list[str] | None:
    """What the tools themselves have left applied, in order of their coming; None where they left no word of it.

    alembic's table holds the last revision alone: the list has its moves, the last of which counts.
    """
    about_versions = [event for event in events if event.chain == chain and _is_about_versions(event)]
    if not about_versions:
        return None
    applied: list[str] = []
    for event in about_versions:
        if not event.counts:
            continue
        if event.before in applied:
            applied.remove(event.before)
        if event.revision is not None and event.revision not in applied:
            applied.append(event.revision)
    return applied


def _is_about_versions(event: Event) -> bool:
    return event.event == "version" or event.counts


def stood_on(events: Sequence[Event], chain: str) -> list[str]:
    """The revisions that the last one stands on, oldest first, whoever put them there; it comes last itself.

    For alembic, whose table moves from one revision to the next. Empty where the journal has no word of them.
    """
    path: list[str] = []
    for event in events:
        if event.chain != chain or not _is_about_versions(event):
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


def bodies(events: Sequence[Event], chain: str) -> dict[str, Event]:
    """Revision → the last event that knew what it does."""
    return {str(event.revision): event for event in events if event.chain == chain and event.body}


def renumbered(events: Sequence[Event], chain: str) -> dict[str, Event]:
    """Revision → the word that it is there under another name, where it is not in the version table since."""
    found: dict[str, Event] = {}
    for event in events:
        if event.chain == chain and event.event == "accepted" and event.detail == RENUMBERED:
            found[str(event.revision)] = event
        elif event.chain == chain and event.event == "version":
            found.pop(str(event.revision), None)
    return found


def vouched(events: Sequence[Event], chain: Chain) -> str:
    """Who said last that a version table is right although no tool left it so, as a sentence; empty for nobody."""
    for event in reversed(events):
        if event.chain == chain.name and event.event == "accepted" and not event.detail and not event.checksum:
            words = (event.revision and f"has {event.revision}", event.before and f"no longer {event.before}")
            said = ", and ".join(filter(None, words))
            return f"{event.actor} vouched at {event.at:%Y-%m-%d %H:%M} UTC that {chain.table} {said}. "
    return ""


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
    """The last change of a version table that named a revision and ran nothing: an edit, a stamp."""
    for event in reversed(events):
        is_edit = event.event == "version" and not event.counts and event.chain == chain
        if is_edit and revision in (event.revision, event.before):
            return event
    return None
