"""Do the files, the version tables and the journal agree? Asked before anything runs, by the runner or by hand."""

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, suppress

import asyncpg

from crossdock.migrations.history.findings import disputed, findings
from crossdock.migrations.history.journal import RAN_BY_HAND, THE_FILE, Journal
from crossdock.migrations.history.reading import ChainHistory, MigrationsRefused, may_write
from crossdock.migrations.history.renumbering import find_renumbered, rebased, write_renumbered
from crossdock.migrations.revision import Direction, Revision
from crossdock.migrations.run.lock import deployer_lock
from crossdock.migrations.status import Chains
from crossdock.models.names import JOURNAL_TABLE


async def agree(
    connection: asyncpg.Connection,
    chains: Chains,
    accepted: Collection[str] = (),
    direction: Direction | None = None,
) -> list[ChainHistory]:
    """Raises MigrationsRefused with every disagreement. `accepted` are keys that a person vouches for."""
    histories = [_vouched_for(history, accepted) for history in await chains.histories(connection)]
    problems = [problem for history in histories for problem in findings(history, accepted)]
    tables = [*(history.chain.table for history in histories), JOURNAL_TABLE]
    problems += filter(None, [await may_write(connection, table) for table in tables])
    problems += [problem for history in histories for problem in _turned_round(history, direction)]
    problems += [problem for history in histories for problem in _to_write_down(history, direction)]
    problems += _without_need(chains, applied_keys(histories), accepted)
    if problems:
        raise MigrationsRefused("\n".join([*problems, "Nothing was run."]))
    return histories


def _vouched_for(history: ChainHistory, accepted: Collection[str]) -> ChainHistory:
    """As it will be without the old names, where all of its renumbered revisions are accepted by their new ones."""
    found = find_renumbered(history)
    return rebased(history, found) if all(each.now.key in accepted for each in found) else history


async def write_down(
    connection: asyncpg.Connection, histories: Sequence[ChainHistory], accepted: Collection[str] = ()
) -> None:
    """Makes the journal, and writes what was there before it, and what a person vouches for. All of it or nothing: a
    journal without a word of what is applied is one that was lost."""
    journal = Journal(connection)
    async with connection.transaction():
        await journal.ensure([history.chain for history in histories])
        for history in histories:
            if history.renumbered:
                await write_renumbered(connection, history)
            for dispute in disputed(history):  # all of them accepted: agree() has seen to that
                await journal.write_accepted(history.chain.name, dispute.now, dispute.before)
            for name in history.applied:
                revision = history.revision(name)
                if history.has_no_journal or revision.key in accepted:
                    await journal.write("accepted", revision, None if history.has_no_journal else THE_FILE)


def applied_keys(histories: Sequence[ChainHistory]) -> set[str]:
    """`chain:name` of everything that is applied, of all chains."""
    return {key for history in histories for key in history.applied_keys}


@asynccontextmanager
async def by_hand(chains: Chains, wait_s: float) -> AsyncIterator[set[str]]:
    """Around a tool that somebody calls by its own command: under the same lock and on the same conditions as the
    runner. Yields what is applied, of all chains."""
    # The lock is held until the tool has ended: neither the runner nor the other tool begins meanwhile.
    async with deployer_lock(chains.address, wait_s=wait_s) as connection:
        if await connection.fetchval("SELECT to_regnamespace(quote_ident($1))", chains.address.schema) is None:
            raise MigrationsRefused(f"There is no schema {chains.address.schema} yet: `crossdock migrate up` makes it.")
        histories = await agree(connection, chains)
        await write_down(connection, histories)
        try:
            yield applied_keys(histories)
        finally:
            # Also after a failure: what the tool did before it is committed. Suppressed, since the tool's own error is
            # the one to show; without these checksums a changed file is not noticed later, and nothing else is lost.
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                await _write_what_ran(connection, chains, histories)


async def _write_what_ran(connection: asyncpg.Connection, chains: Chains, before: Sequence[ChainHistory]) -> None:
    """The checksums of what a tool has run by its own command, to know it again when its file is changed or renamed.
    Of what it has only written down there is none."""
    for was, now in zip(before, await chains.histories(connection), strict=True):
        if any(event.is_unrun for event in now.events[len(was.events) :]):
            continue
        for name in now.applied:
            if name not in was.applied and name in now.names:
                await Journal(connection).write("accepted", now.revision(name), RAN_BY_HAND)


def check_needs(chains: Chains, chain: str, name: str, applied: Collection[str]) -> None:
    """Raises MigrationsRefused when a revision that is run by hand needs one of the other chain that is not there."""
    for revision in chains.revisions:
        if (revision.chain, revision.name) != (chain, name):
            continue
        for need in revision.needs:
            if not need.startswith(f"{chain}:") and not any(_is(chains, key, need) for key in applied):
                raise MigrationsRefused(
                    f"{revision.key} needs {need}, which is not applied. {_stays(revision)} `crossdock migrate up` runs"
                    " all chains in their order."
                )


def _stays(revision: Revision) -> str:
    if revision.stands_alone:
        return "Its statements, which commit one by one, are done; that it was applied is not written down."
    return "Nothing of it stays."


def _is(chains: Chains, key: str, called: str) -> bool:
    return any(revision.key == key and revision.is_called(called) for revision in chains.revisions)


def _turned_round(history: ChainHistory, direction: Direction | None) -> Iterator[str]:
    """A revision that stands alone and was left half done is finished the way it went: turned round, it stays half."""
    for event in history.half_done():
        if direction is not None and event.direction != direction.value:
            yield (
                f"A run came to an end on its way {event.direction} in {history.chain.name}:{event.revision}"
                f" ({event.at:%Y-%m-%d %H:%M} UTC), whose statements commit one by one. Finish that first: `crossdock"
                f" migrate {event.direction}`."
            )


def _to_write_down(history: ChainHistory, direction: Direction | None) -> Iterator[str]:
    """Anything but `up` would take what is there under another name for something that never ran."""
    if history.is_there and direction is not Direction.UP:
        yield (
            f"{', '.join(sorted(history.is_there))} of the {history.chain.name} chain ran here under another number,"
            " and this one is still to be written down: `crossdock migrate up` does it."
        )


def _without_need(chains: Chains, applied: Collection[str], accepted: Collection[str]) -> Iterator[str]:
    """Undone by hand under somebody's feet: what the one made, the other may have lost."""
    for revision in chains.revisions:
        if revision.key in applied and revision.key not in accepted:
            for need in (need for need in revision.needs if not any(_is(chains, key, need) for key in applied)):
                yield (
                    f"{revision.key} is applied, and {need}, which it needs, is not: that was undone by hand. Look at"
                    f" what is missing (`crossdock schema check`); once you have mended it, say `crossdock migrate up"
                    f" --accept {revision.chain}:{revision.number}`."
                )


def check_needed(chains: Chains, chain: str, name: str, applied: Collection[str]) -> None:
    """Raises MigrationsRefused when a revision that is undone by hand is needed by one of the other chain."""
    for revision in chains.revisions:
        if revision.chain == chain or revision.key not in applied:
            continue
        if any(need for need in revision.needs if _is(chains, f"{chain}:{name}", need)):
            raise MigrationsRefused(
                f"{revision.key} needs {chain}:{name}, and is applied. `crossdock migrate down` undoes both in their"
                " order."
            )
