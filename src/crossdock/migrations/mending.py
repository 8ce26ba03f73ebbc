"""Makes a version table what the journal says that the tools and the runner left, whatever was done to it by hand.

The other answer to an edited version table is `--accept`: then the table is right, and the journal learns it.
"""

from collections.abc import Callable, Sequence

import asyncpg

from crossdock.migrations import journal
from crossdock.migrations.history import LEGACY, ChainHistory, MigrationsRefused

Content = Callable[[str], str]
"""Revision → what aerich keeps beside its name, as JSON."""


async def mend(connection: asyncpg.Connection, histories: Sequence[ChainHistory], content: Content) -> list[str]:
    """A line for each table that was not as it should be. No statement of a revision is run. Raises MigrationsRefused
    where the journal has no word to go by."""
    lines = []
    async with connection.transaction():
        for history in histories:
            wanted = should_have(history)
            if wanted == list(history.rows):
                continue
            if history.chain is LEGACY:
                await _mend_legacy(connection, wanted, content)
            else:
                await _mend_new(connection, wanted)
            lines.append(
                f"{history.chain.table} had {', '.join(history.rows) or 'nothing'}; now it has"
                f" {', '.join(wanted) or 'nothing'}"
            )
        await connection.execute(journal.MARK.format(journal.MENDED))
    return lines


def should_have(history: ChainHistory) -> list[str]:
    """The rows, in their order: aerich goes by it."""
    told = journal.versions(history.events, history.chain.name)
    if told is None:
        if not history.rows:
            return []
        raise MigrationsRefused(
            f"{journal.TABLE} has no word of what {history.chain.table} should have: see `crossdock migrate status`."
        )
    if history.chain is not LEGACY:
        return told[-1:]
    return sorted(told, key=lambda name: history.names.index(name) if name in history.names else len(history.names))


async def _mend_legacy(connection: asyncpg.Connection, wanted: list[str], content: Content) -> None:
    """From the first row that is wrong: what comes after it has to have a higher id."""
    rows = await connection.fetch("SELECT id, version, content::text FROM aerich WHERE app = 'legacy' ORDER BY id")
    kept = {row["version"]: row["content"] for row in rows}
    right = 0
    while right < min(len(rows), len(wanted)) and rows[right]["version"] == wanted[right]:
        right += 1
    await connection.execute("DELETE FROM aerich WHERE id = ANY ($1)", [row["id"] for row in rows[right:]])
    for name in wanted[right:]:
        values = (name, kept.get(name) or content(name))
        await connection.execute("INSERT INTO aerich (version, app, content) VALUES ($1, 'legacy', $2)", *values)


async def _mend_new(connection: asyncpg.Connection, wanted: list[str]) -> None:
    await connection.execute("DELETE FROM alembic_version")
    for name in wanted:
        await connection.execute("INSERT INTO alembic_version (version_num) VALUES ($1)", name)
