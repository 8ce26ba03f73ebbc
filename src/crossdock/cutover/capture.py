"""The rows that a store writes, as PostgreSQL sees them: with defaults, with what triggers do, in every table.

A trigger on each table notes its rows in a setting of the transaction. It does so only where that transaction asks for
it, and a savepoint that is undone takes the notes with it: nothing is written anywhere.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson

from crossdock.cutover.keys import Keys, Made, Note
from crossdock.cutover.limit import LIMITS, of_statements
from crossdock.transaction import Transaction

CAPTURED_MAX = 1_000_000
"""Characters of notes; the function of the trigger has the same limit. A call that writes more is not compared."""

BEGIN = "SELECT set_config('crossdock.capture', 'on', true), set_config('crossdock.captured', '', true)"
END = "SELECT current_setting('crossdock.captured') AS captured, set_config('crossdock.capture', 'off', true)"
Rows = dict[str, dict[str, dict[str, Any]]]
"""Table → key → the row before (`old`) and after (`new`), None where there was or is none."""


class TooMuch(Exception):
    """More was written than is noted."""


def net(notes: Sequence[Note], keys: Keys) -> Rows:
    """What was made of each row in the end, from notes in the order of the writes."""
    found: Rows = defaultdict(dict)
    for note in notes:
        row = note["new"] or note["old"]
        columns = keys.columns.get(note["table"]) or list(row)
        key = ", ".join(str(row[column]) for column in columns)
        known = found[note["table"]].setdefault(key, {"old": note["old"], "new": None})
        known["new"] = note["new"]
    changed = (
        (table, {key: row for key, row in rows.items() if row["old"] != row["new"]}) for table, rows in found.items()
    )
    return {table: rows for table, rows in changed if rows}


class Capture:
    """Notes what one transaction writes between `begin` and `end`."""

    def __init__(self, tx: Transaction, keys: Keys) -> None:
        self._tx = tx
        self._keys = keys

    async def begin(self, limit_s: float | None = None, *, waits: bool = True) -> None:
        """With a limit for each statement, where one is given: it ends with the savepoint, which must be undone."""
        await self._tx.first(BEGIN, ())
        if limit_s is not None:
            await self._tx.first(LIMITS, of_statements(limit_s, waits=waits))

    async def end(self, made: Made) -> Rows:
        """The rows, with the keys replaced that were made. Raises TooMuch."""
        found = await self._tx.first(END, ())
        if len(found["captured"]) > CAPTURED_MAX:
            raise TooMuch
        return net(made.rows([orjson.loads(line) for line in found["captured"].splitlines()]), self._keys)
