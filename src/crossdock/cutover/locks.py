"""The locks that a call asks for: two stores may read the same rows, and only one of them hold them."""

from collections import defaultdict
from collections.abc import Iterable


def locks_of(sent: Iterable[str]) -> dict[str, str]:
    """Table → how its rows are locked, from the texts of statements. PostgreSQL itself has no list of row locks to ask:
    it keeps them in the rows."""
    from crossdock.sql.row_locks import asked_for  # not above: it brings PostgreSQL's parser, for a module that moves

    found: dict[str, set[str]] = defaultdict(set)
    for table, words in {lock for text in sent for lock in asked_for(text)}:
        found[table].add(words)
    return {table: ", ".join(sorted(words)) for table, words in sorted(found.items())}
