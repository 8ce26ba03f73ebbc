"""What `plan`, `up` and `down` do before anything is run: the same checks, in the same order."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from crossdock.migrations.history import journal
from crossdock.migrations.history.agreement import agree, applied_keys
from crossdock.migrations.history.reading import ChainHistory
from crossdock.migrations.owners import check_owners
from crossdock.migrations.plan import Step, downward, steps, upward
from crossdock.migrations.revision import Direction, Revision, find
from crossdock.migrations.run.repeatable import check_repeatable, scripts
from crossdock.migrations.run.undoable import check_undoable
from crossdock.migrations.status import Chains
from crossdock.migrations.tools.loading import load
from crossdock.migrations.tools.tool import Tool
from crossdock.registry import Registry


@dataclass(frozen=True)
class Prepared:
    """What one database has (`histories`), the keys that a person vouches for (`accepted`), and the steps to run, each
    with its SQL; None where a revision asks the database before it says what it does."""

    histories: Sequence[ChainHistory]
    accepted: frozenset[str]
    steps: Sequence[Step]
    scripts: Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """`target` as in `aerich:2`, None for all; `accept` names revisions that a person vouches for. `is_run`: the steps
    are to be run, and not only shown."""

    direction: Direction
    target: str | None
    accept: Collection[str]
    is_run: bool


async def prepare(
    connection: asyncpg.Connection, chains: Chains, registry: Registry, tools: Mapping[str, Tool], wanted: Wanted
) -> Prepared:
    """Reads files, version tables and journal, and changes nothing.

    Raises NoSuchRevision for a name that is none, Misowned, MigrationsRefused where files, version tables and journal
    disagree, BrokenChain where a file cannot be read. What is to be run is refused as well where a killed run of it
    could not be repeated; a plan shows what such a revision would do.
    """
    # Whoever goes down undoes what was done, also where a manifest is wrong by now.
    if wanted.direction is Direction.UP:
        check_owners(registry, chains.chains)
    accepted = frozenset(find(chains.revisions, name).key for name in wanted.accept)
    histories = await agree(connection, chains, accepted, wanted.direction)
    choose = upward if wanted.direction is Direction.UP else downward
    chosen = choose(chains.revisions, applied_keys(histories), wanted.target)
    # All of them are imported before the first of them runs: a fault in the last one must not show between two of them.
    for revision in chosen:
        load(revision)
    found = steps(chosen, wanted.direction, _begun(histories, wanted.direction), _there(histories))
    read = check_repeatable if wanted.is_run else scripts
    said = await read(tools, found)
    if wanted.direction is Direction.DOWN:
        await check_undoable(tools, found, said)
    return Prepared(histories, accepted, found, said)


def _there(histories: Sequence[ChainHistory]) -> set[str]:
    """Keys of the revisions that ran under another name."""
    return {f"{history.chain.name}:{name}" for history in histories for name in history.is_there}


def _begun(histories: Sequence[ChainHistory], direction: Direction) -> set[str]:
    """Keys of the revisions in which an earlier run in this direction was killed, or failed, with the same file."""
    return {revision.key for history in histories for revision in _begun_in(history, direction)}


def _begun_in(history: ChainHistory, direction: Direction) -> list[Revision]:
    begun = journal.begun(history.events, history.chain.name)
    found = {(name, event.checksum, event.direction) for name, event in begun.items()}
    return [each for each in history.revisions if (each.name, each.checksum, direction.value) in found]
