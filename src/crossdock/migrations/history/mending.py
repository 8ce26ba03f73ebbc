"""Makes a version table what the journal says that the tools and the runner left, whatever was done to it by hand.

The other answer to an edited version table is `--accept`: then the table is right, and the journal learns it.
"""

from collections.abc import Mapping, Sequence

import asyncpg

from crossdock.migrations.history import journal
from crossdock.migrations.history.reading import ChainHistory, MigrationsRefused
from crossdock.migrations.tools.format import Content
from crossdock.models.names import JOURNAL_TABLE


async def mend(
    connection: asyncpg.Connection, histories: Sequence[ChainHistory], contents: Mapping[str, Content]
) -> list[str]:
    """A line for each table that was not as it should be. `contents` are by the names of the chains.

    No statement of a revision is run. Raises MigrationsRefused where the journal has no word to go by.
    """
    lines = []
    async with connection.transaction():
        for history in histories:
            wanted = should_have(history)
            if wanted == list(history.rows):
                continue
            chain = history.chain
            await chain.format.write_versions(connection, chain, wanted, contents[chain.name])
            lines.append(
                f"{history.chain.table} had {', '.join(history.rows) or 'nothing'}; now it has"
                f" {', '.join(wanted) or 'nothing'}"
            )
        await connection.execute(journal.MARK.format(journal.MENDED))
    return lines


def should_have(history: ChainHistory) -> list[str]:
    """The rows, in their order: aerich goes by it."""
    in_journal = journal.versions(history.events, history.chain.name)
    if in_journal is None:
        if not history.rows:
            return []
        raise MigrationsRefused(
            f"{JOURNAL_TABLE} has no word of what {history.chain.table} should have: see `crossdock migrate status`."
        )
    if not history.chain.format.keeps_every_row:
        return in_journal[-1:]
    return sorted(
        in_journal, key=lambda name: history.names.index(name) if name in history.names else len(history.names)
    )
