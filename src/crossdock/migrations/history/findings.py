"""The disagreements of one chain, each in a sentence: what is wrong, who did it when that is known, what to do."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from crossdock.migrations.history import journal
from crossdock.migrations.history.journal import Event
from crossdock.migrations.history.reading import ChainHistory
from crossdock.migrations.history.renumbering import find_renumbered, sentences
from crossdock.models.names import JOURNAL_TABLE


@dataclass(frozen=True, slots=True)
class Dispute:
    """The version table has `now`, and the journal knows of `before` in its place; None is nothing."""

    now: str | None
    before: str | None

    @property
    def name(self) -> str:
        return self.now or self.before or ""


MEND = "`crossdock migrate mend` makes the table what the tools and the runner left."


def findings(history: ChainHistory, accepted: Collection[str] = ()) -> list[str]:
    """`accepted` are keys of revisions that a person has looked at and vouches for."""
    moved = list(sentences(history, find_renumbered(history)))
    if moved:
        return moved
    if history.lost_its_journal:
        return list(_without_journal(history, accepted))
    unknown = list(_unknown(history))
    if unknown:
        return unknown  # the rest would only say the same in other words
    return [*_rows(history), *_edited(history, accepted), *_changed(history, accepted), *_half_done(history)]


def _unknown(history: ChainHistory) -> Iterator[str]:
    known = set(history.names)
    for position, name in enumerate(history.applied):
        if name in known:
            continue
        later = [other for other in history.applied[position + 1 :] if other in known]
        hand = journal.by_hand(history.events, history.chain.name, name)
        if hand is not None:
            undo = history.chain.format.set_back(history.chain.table, hand.before)
            yield f"{history.chain.table} names {name}, which no release has: {_by(hand)} {undo} {MEND}"
        elif later or _is_before_head(history, name):
            folder = history.chain.location.name
            yield (
                f"{history.chain.name}:{name} was applied, and its file is missing: put it back (git restore {folder})."
                f" Where it is of another branch, git log --all --name-only -- {folder} says of which: go down with"
                " that one (`crossdock migrate down`), or merge it."
            )
        else:
            yield (
                f"This database is of a newer release: it has {history.chain.name}:{name}, and this release ends at"
                f" {history.names[-1] if history.names else 'nothing'}. Deploy the newer release, or go back with it:"
                f" `crossdock migrate down` of that release."
            )


def _without_journal(history: ChainHistory, accepted: Collection[str]) -> Iterator[str]:
    last = history.applied[-1]
    if f"{history.chain.name}:{last}" in accepted:
        return
    yield (
        f"{JOURNAL_TABLE} has no word of what {history.chain.table} has, and was there when that was written: it was"
        f" emptied, dropped, or left out of a backup. Nobody can tell any more whether {history.chain.table} is right."
        f" Once you have seen that the database fits it (`crossdock schema check`), say `crossdock migrate up --accept"
        f" {history.chain.name}:{last.partition('_')[0]}`: then what it has counts as applied."
    )


def _is_before_head(history: ChainHistory, name: str) -> bool:
    number, head = name.partition("_")[0], history.names[-1].partition("_")[0] if history.names else ""
    return number.isdigit() and head.isdigit() and int(number) <= int(head)


def _rows(history: ChainHistory) -> Iterator[str]:
    table = history.chain.table
    for name, count in Counter(history.rows).items():
        if count > 1:
            yield f"{table} has {name} {count} times: it was edited by hand, or run twice. Leave one row of it: {MEND}"
    if not history.chain.format.keeps_every_row:
        if len(history.rows) > 1:
            rows = ", ".join(history.rows)
            yield f"{table} has {len(history.rows)} rows, {rows}; the chain has one head. Leave the last: {MEND}"
        return
    there = list(dict.fromkeys(history.rows))
    if there != history.names[: len(there)] and not disputed(history):
        wrong = next(name for row, name in zip(there, history.names, strict=False) if row != name)
        yield (
            f"{table} does not have {wrong} where it belongs: it was edited by hand.{_whom(history, wrong)}"
            f" {history.chain.tool} goes by the ids of its rows: give {wrong} an id between those of its"
            f" neighbours. {MEND}"
        )


def _edited(history: ChainHistory, accepted: Collection[str]) -> Iterator[str]:
    """The version table and the journal: a tool would have written both."""
    for dispute in disputed(history):
        name = dispute.name
        if f"{history.chain.name}:{name}" in accepted:
            continue
        event = journal.by_hand(history.events, history.chain.name, name)
        if event and event.is_unrun:
            yield _unrun(history, dispute, event)
        else:
            is_tool = event is not None and not event.program and name in history.names
            yield _by_its_own_command(history, name) if is_tool else _by_hand(history, name)


def _by_hand(history: ChainHistory, name: str) -> str:
    said = "has" if name in history.rows else "does not have"
    undo = "Take that row out" if name in history.rows else "Put that row back"
    counts = "applied" if name in history.rows else "not applied"
    return (
        f"{history.chain.table} {said} {name}, and neither {history.chain.tool} nor the runner left it so: it, or"
        f" the journal, was edited by hand.{_whom(history, name)} {undo}: {MEND} Or, once you have seen that the"
        f" database fits it, say {_accept(history, name)}: then it counts as {counts}."
    )


def _by_its_own_command(history: ChainHistory, name: str) -> str:
    """A program without a name moved the table by a revision that is there: a tool, which an editor of tables is not.
    The row is right then, and to take it out would have its statements run twice."""
    tool, is_there = history.chain.tool, name in history.rows
    said, counts = ("has", "applied") if is_there else ("does not have", "not applied")
    return (
        f"{history.chain.table} {said} {name}, and the journal does not know why: most likely by a command of {tool}'s"
        f" with a configuration of the service's own.{_whom(history, name)} Once you have seen that the database fits"
        f" it, say {_accept(history, name)}: then it counts as {counts}. For the next time,"
        f" {history.chain.format.by_hand}. Or, where somebody edited it by hand: {MEND}"
    )


def _unrun(history: ChainHistory, dispute: Dispute, event: Event) -> str:
    """`alembic stamp`, `aerich --fake`: the tool wrote what did not happen."""
    move = f"has {dispute.now}" if dispute.before is None else f"no longer has {dispute.before}"
    if dispute.now and dispute.before:
        move = f"went from {dispute.before} to {dispute.now}"
    return (
        f"{history.chain.table} {move} by `{event.detail}`, which runs nothing: no statement was run or undone for it."
        f" {_by(event)} {MEND} Or, once you have seen that the database fits it, say"
        f" {_accept(history, dispute.name)}: then what {history.chain.table} has counts as applied, and all else not."
    )


def _accept(history: ChainHistory, name: str) -> str:
    return f"`crossdock migrate up --accept {history.chain.name}:{name.partition('_')[0]}`"


def disputed(history: ChainHistory) -> list[Dispute]:
    """Where version table and journal differ. alembic's table holds the last revision alone."""
    in_journal = journal.versions(history.events, history.chain.name)
    if in_journal is None:
        return []
    if history.chain.format.keeps_every_row:
        added = [Dispute(name, None) for name in history.rows if name not in in_journal]
        return added + [Dispute(None, name) for name in in_journal if name not in history.rows]
    now, before = history.rows[-1] if history.rows else None, in_journal[-1] if in_journal else None
    return [Dispute(now, before)] if now != before else []


def _changed(history: ChainHistory, accepted: Collection[str]) -> Iterator[str]:
    known = journal.checksums(history.events, history.chain.name)
    for revision in history.revisions:
        event = known.get(revision.name)
        if event is None or event.checksum == revision.checksum or revision.key in accepted:
            continue
        if revision.name in history.applied:
            yield (
                f"{revision.path.name} was changed after it ran ({event.at:%Y-%m-%d %H:%M} UTC): this database has what"
                f" it said then. Put it back (git restore) and write the change as a new revision; when only words"
                f" changed, say `crossdock migrate up --accept {revision.chain}:{revision.number}`."
            )


def _half_done(history: ChainHistory) -> Iterator[str]:
    """A revision that stands alone commits statement by statement: it goes on only as the same revision."""
    for event in history.half_done():
        revision = next((each for each in history.revisions if each.name == event.revision), None)
        if revision is None or revision.checksum != event.checksum or not revision.stands_alone:
            key = f"{history.chain.name}:{event.revision}"
            now = "its file is gone" if revision is None else "its file has changed"
            yield (
                f"A run came to an end in the midst of {key} ({event.at:%Y-%m-%d %H:%M} UTC), some of its statements"
                f" may have been done, and {now} since. Put the file back (git restore) and run {event.direction}"
                f" again; then write the change as a new revision."
            )


def _whom(history: ChainHistory, name: str) -> str:
    event = journal.by_hand(history.events, history.chain.name, name)
    return f" {_by(event)}" if event else ""


def _by(event: Event) -> str:
    return f"{event.actor} did it at {event.at:%Y-%m-%d %H:%M} UTC with {event.program or 'an unnamed program'}."
