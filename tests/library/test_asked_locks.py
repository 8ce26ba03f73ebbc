"""The locks that a statement asks for by name, as a move compares them."""

import pytest

from crossdock.sql.row_locks import asked_for

CASES = {
    "SELECT 1 FROM docks": set(),
    "SELECT ' FOR UPDATE' FROM docks": set(),
    "SELECT 1 FROM docks WHERE id = $1 FOR UPDATE": {("docks", "FOR UPDATE")},
    'SELECT 1 FROM "docks" FOR NO KEY UPDATE SKIP LOCKED': {("docks", "FOR NO KEY UPDATE SKIP LOCKED")},
    "SELECT 1 FROM docks d JOIN gates g ON true FOR SHARE OF g NOWAIT": {("gates", "FOR SHARE NOWAIT")},
    "SELECT 1 FROM docks, gates FOR KEY SHARE": {("docks", "FOR KEY SHARE"), ("gates", "FOR KEY SHARE")},
    "WITH due AS (SELECT id FROM docks FOR UPDATE) UPDATE gates SET n = 1 FROM due": {("docks", "FOR UPDATE")},
    "SELECT pg_advisory_xact_lock($1)": {("pg_advisory_xact_lock", "")},
    "no statement FOR UPDATE": set(),
}


@pytest.mark.parametrize(("sql", "locks"), CASES.items(), ids=range(len(CASES)))
def test_locks_are_read_from_the_text(sql: str, locks: set[tuple[str, str]]) -> None:
    """A table and the words, with who waits for it and who does not."""
    assert asked_for(sql) == locks
