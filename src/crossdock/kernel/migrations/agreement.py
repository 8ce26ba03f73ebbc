"""Do the files, the version tables and the journal agree? Asked before anything runs, by the runner or by hand."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager

import asyncpg

from crossdock.kernel.migrations.findings import disputed, findings
from crossdock.kernel.migrations.history import ChainHistory, MigrationsRefused, may_write
from crossdock.kernel.migrations.journal import PROGRAM, TABLE, Journal
from crossdock.kernel.migrations.lock import deployer_lock
from crossdock.kernel.migrations.revision import Direction
from crossdock.kernel.migrations.status import Chains


async def agree(
    connection: asyncpg.Connection,
    chains: Chains,
    accepted: Collection[str] = (),
    direction: Direction | None = None,
) -> list[ChainHistory]:
    """Raises MigrationsRefused with every disagreement. `accepted` are keys that a person vouches for."""
    histories = await chains.histories(connection)
    problems = [problem for history in histories for problem in findings(history, accepted)]
    tables = [*(history.chain.table for history in histories), TABLE]
    problems += filter(None, [await may_write(connection, table) for table in tables])
    problems += filter(None, [_turned_round(history, direction) for history in histories])
    if problems:
        raise MigrationsRefused("\n".join([*problems, "Nothing was run."]))
    return histories


async def write_down(
    connection: asyncpg.Connection, histories: Sequence[ChainHistory], accepted: Collection[str] = ()
) -> None:
    """Makes the journal, and tells it what was there before it, and what a person vouches for."""
    journal = Journal(connection)
    await journal.ensure()
    for history in histories:
        for dispute in disputed(history):  # all of them accepted: agree() has seen to that
            await journal.write_accepted(history.chain.name, dispute.now, dispute.before)
        for name in history.applied:
            revision = history.revision(name)
            if history.is_untold or revision.key in accepted:
                await journal.write("accepted", revision)


def applied_keys(histories: Sequence[ChainHistory]) -> set[str]:
    """`chain:name` of everything that is applied, of both chains."""
    return {key for history in histories for key in history.applied_keys}


@asynccontextmanager
async def by_hand(chains: Chains, tool: str, wait_s: float) -> AsyncIterator[set[str]]:
    """Around a tool that somebody calls by its own command: under the same lock and on the same conditions as the
    runner. Yields what is applied, of both chains."""
    async with deployer_lock(chains.address, wait_s=wait_s, program=f"{PROGRAM} ({tool})") as connection:
        histories = await agree(connection, chains)
        await write_down(connection, histories)
        yield applied_keys(histories)


def check_needs(chains: Chains, chain: str, name: str, applied: Collection[str]) -> None:
    """Raises MigrationsRefused when a revision that is run by hand needs one of the other chain that is not there."""
    for revision in chains.revisions:
        if (revision.chain, revision.name) != (chain, name):
            continue
        for need in revision.needs:
            if not need.startswith(f"{chain}:") and not any(_is(chains, key, need) for key in applied):
                raise MigrationsRefused(
                    f"{revision.key} needs {need}, which is not applied. Nothing of it stays. `crossdock migrate up`"
                    " runs both chains in their order."
                )


def _is(chains: Chains, key: str, called: str) -> bool:
    return any(revision.key == key and revision.is_called(called) for revision in chains.revisions)


def _turned_round(history: ChainHistory, direction: Direction | None) -> str | None:
    """A revision that stands alone and was killed is finished the way it went: turned round, it would be half there."""
    event = history.interrupted()
    if event is None or event.revision not in history.names or direction is None or event.detail == direction.value:
        return None
    revision = history.revision(event.revision)
    if not revision.stands_alone:
        return None
    return (
        f"A run was killed on its way {event.detail} in {revision.key} ({event.at:%Y-%m-%d %H:%M} UTC), whose"
        f" statements commit one by one. Finish that first: `crossdock migrate {event.detail}`."
    )
