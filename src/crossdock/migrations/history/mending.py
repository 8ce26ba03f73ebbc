"""Makes a version table what the journal says that the tools and the runner left, whatever was done to it by hand.

The other answer to an edited version table is `--accept`: then the table is right, and the journal learns it.
"""

from collections.abc import Callable, Sequence

import asyncpg

from crossdock.migrations.chain import Chain
from crossdock.migrations.history import journal
from crossdock.migrations.history.reading import ChainHistory, MigrationsRefused
from crossdock.models.names import JOURNAL_TABLE

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
            mend_table = _mend_rows if history.chain.keeps_every_row else _mend_head
            await mend_table(connection, history.chain, wanted, content)
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
            f"{JOURNAL_TABLE} has no word of what {history.chain.table} should have: see `crossdock migrate status`."
        )
    if not history.chain.keeps_every_row:
        return told[-1:]
    return sorted(told, key=lambda name: history.names.index(name) if name in history.names else len(history.names))


async def _mend_rows(connection: asyncpg.Connection, chain: Chain, wanted: list[str], content: Content) -> None:
    """From the first row that is wrong: what comes after it has to have a higher id."""
    rows = await connection.fetch("SELECT id, version, content::text FROM aerich WHERE app = $1 ORDER BY id", chain.app)
    kept = {row["version"]: row["content"] for row in rows}
    right = 0
    while right < min(len(rows), len(wanted)) and rows[right]["version"] == wanted[right]:
        right += 1
    await connection.execute("DELETE FROM aerich WHERE id = ANY ($1)", [row["id"] for row in rows[right:]])
    for name in wanted[right:]:
        values = (name, chain.app, kept.get(name) or content(name))
        await connection.execute("INSERT INTO aerich (version, app, content) VALUES ($1, $2, $3)", *values)


async def _mend_head(connection: asyncpg.Connection, chain: Chain, wanted: list[str], _: Content) -> None:
    await connection.execute(f"DELETE FROM {chain.table}")  # noqa: S608
    for name in wanted:
        await connection.execute(f"INSERT INTO {chain.table} (version_num) VALUES ($1)", name)  # noqa: S608
