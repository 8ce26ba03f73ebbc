"""Finds revisions that a merge renumbered after they ran on this database: they are there under another name.

Its statements must not run again, and what the merge put before it must run first. So the old name is taken out of the
version table, the journal keeps that the revision is there, and when its turn comes it is written down and not run.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import asyncpg

from crossdock.migrations.history import journal
from crossdock.migrations.history.journal import PROGRAM, Event, Journal
from crossdock.migrations.history.reading import ChainHistory, Renumbered
from crossdock.migrations.revision import Revision


def find_renumbered(history: ChainHistory) -> list[Renumbered]:
    """Applied revisions whose file is gone or does something else, and whose doing is in the file of another, which has
    not run under its name."""
    known = {name: event.body for name, event in journal.bodies(history.events, history.chain.name).items()}
    ran = {each.name for each in history.revisions if each.name in history.applied and _fits(each, known)}
    left = [revision for revision in history.revisions if revision.name not in ran]
    has_words_of = history.chain.format.has_words_of
    found: list[Renumbered] = []
    for name in (each for each in history.applied if each not in ran):
        body = known.get(name)
        twin = next((each for each in left if each.body == body or has_words_of(each.name, name)), None)
        if twin is not None:
            found.append(Renumbered(name, twin))
            left.remove(twin)
    return found


def _fits(revision: Revision, known: Mapping[str, str | None]) -> bool:
    """Nothing else is known to have run under its name."""
    return known.get(revision.name) in (None, revision.body)


def sentences(history: ChainHistory, found: Sequence[Renumbered]) -> Iterator[str]:
    """What is true, and the one command that leads on."""
    if not found:
        return
    chain = history.chain.name
    names = ", ".join(f"{chain}:{each.was} is {each.now.path.name} now" for each in found)
    first = min(history.names.index(each.now.name) for each in found)
    moved = {each.now.name for each in found}
    before = [
        name for name in rebased(history, found).pending if name not in moved and history.names.index(name) < first
    ]
    missing = (
        f" {', '.join(before)}, which {'come' if len(before) > 1 else 'comes'} before," if before else " nothing else"
    )
    accept = " ".join(f"--accept {chain}:{each.now.number}" for each in found)
    yield (
        f"The {chain} chain was renumbered after it ran on this database, by a merge, say: {names}. `crossdock migrate"
        f" up {accept}` runs{missing} and writes down the new number; what ran already is not run again."
    )


def rebased(history: ChainHistory, found: Sequence[Renumbered]) -> ChainHistory:
    """As the version table will be, without the old names; alembic's has the revision that the first one stood on."""
    if not found:
        return history
    gone = [each.was for each in found]
    moves: list[tuple[str, str | None]] = [(name, None) for name in gone]
    rows = tuple(row for row in history.rows if row not in gone)
    if not history.chain.format.keeps_every_row:
        base = _base(history, gone)
        moves, rows = [(history.rows[-1], base)], (base,) if base else ()
    told_moves = () if history.has_no_journal else (_moved(history, *move) for move in moves)
    return replace(history, rows=rows, events=(*history.events, *told_moves), renumbered=tuple(found))


def _base(history: ChainHistory, gone: Collection[str]) -> str | None:
    place = min(history.applied.index(name) for name in gone)
    return history.applied[place - 1] if place else None


def _moved(history: ChainHistory, before: str, to: str | None) -> Event:
    return Event(history.events[-1].at, history.chain.name, "version", to, before, None, PROGRAM, "", None)


async def write_renumbered(connection: asyncpg.Connection, history: ChainHistory) -> None:
    """In the transaction of the caller: the version table without the old names, and the word of what is there."""
    written = Journal(connection)
    for each in history.renumbered:
        await written.write_renumbered(each.was, each.now)
    gone = [each.was for each in history.renumbered]
    await history.chain.format.take_out(connection, history.chain, gone, history.rows)
