"""What PostgreSQL really does for a statement: its locks on every relation, and which tables it read or wrote anew."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from crossdock.sql.modes import Mode
from crossdock.sql.rows import Work

HERE = Path(__file__).parent
SCHEMA = (HERE / "corpus_schema.sql").read_text()

RELATIONS = """
SELECT oid, relname AS name, pg_stat_get_xact_numscans(oid) AS scans,
    CASE WHEN relkind IN ('r', 'm') THEN pg_relation_filenode(oid) END AS file
FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm', 'v', 'S')
"""
TAKEN = "SELECT relation, mode FROM pg_locks WHERE pid = $1 AND relation = ANY($2) AND granted = $3"


def corpus(version: int) -> Iterator[str]:
    """The statements that a server of this version understands."""
    for line in (HERE / "corpus.sql").read_text().splitlines()[1:]:
        since, _, sql = line.removeprefix("@").partition(" ") if line.startswith("@") else ("0", "", line)
        if version >= int(since):
            yield sql


@dataclass(frozen=True, slots=True)
class Seen:
    """The strongest lock on each relation, and what was done to the rows of each that was touched."""

    locks: dict[str, Mode]
    works: dict[str, Work]


async def taken(connection: asyncpg.Connection, names: dict[int, str], pid: int, *, granted: bool) -> dict[str, Mode]:
    modes: dict[str, Mode] = {}
    for oid, mode in await connection.fetch(TAKEN, pid, list(names), granted):
        modes[names[oid]] = max(Mode.of(mode), modes.get(names[oid], Mode.ACCESS_SHARE))
    return modes


async def watch(connection: asyncpg.Connection, watcher: asyncpg.Connection, sql: str) -> Seen:
    """Runs it in a transaction that is held open, has another connection look at the locks, and undoes it."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        before = {row["oid"]: row for row in await connection.fetch(RELATIONS)}
        await connection.execute(sql)
        names = {oid: row["name"] for oid, row in before.items()}
        locks = await taken(watcher, names, connection.get_server_pid(), granted=True)
        works = dict.fromkeys(locks, Work.CATALOGUE)
        for row in await connection.fetch(RELATIONS):
            old = before.get(row["oid"])
            if old is not None and (row["file"], row["scans"]) != (old["file"], old["scans"]):
                works[old["name"]] = Work.ALL_READ if row["file"] == old["file"] else Work.ALL_WRITTEN
        return Seen(locks, works)
    finally:
        await transaction.rollback()


def felt(locks: dict[str, Mode]) -> dict[str, Mode]:
    """Without those of reading and of keys that are looked up: they are in nobody's way."""
    return {table: mode for table, mode in locks.items() if mode > Mode.ROW_SHARE}
