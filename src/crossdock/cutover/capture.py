"""The rows that a store writes, as PostgreSQL sees them: with defaults, with what triggers do, in every table.

A trigger on each table notes its rows in a setting of the transaction. It does so only where that transaction asks for
it, and a savepoint that is undone takes the notes with it: nothing is written anywhere. Past a million characters the
notes are added up, so the memory is bounded, whatever a call writes.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import orjson

from crossdock.cutover.exact import values_of
from crossdock.cutover.keys import Keys, Made, Note
from crossdock.cutover.limit import LIMITS, of_statements
from crossdock.transaction import Transaction

NOT_SUMMED = '{"": {}}'
"""Sums of nothing, which are told from what was added up and comes to nothing."""
SETTINGS = ("role", "search_path", "TimeZone", "row_security", "session_replication_role", "synchronous_commit")
"""Those that a call may not leave changed, beside the tenant's: what follows in its transaction would run with them."""
SET = "(SELECT jsonb_object_agg(name, current_setting(name, true))::text FROM unnest($1::text[]) AS name) AS set"
BEGIN = f"""
SELECT set_config('crossdock.capture', 'on', true), set_config('crossdock.captured', '', true),
    set_config('crossdock.captured_before', '', true), set_config('crossdock.summed', '{NOT_SUMMED}', true), {SET}
"""
END = f"""
SELECT current_setting('crossdock.captured_before') || current_setting('crossdock.captured') AS captured,
    current_setting('crossdock.summed') AS summed,
    set_config('crossdock.capture', 'off', true), {SET}
"""
SUM = "SELECT crossdock_summed($1::text::jsonb, $2::text)::text AS summed"
Rows = dict[str, dict[str, dict[str, Any]]]
"""Table → key → the row before (`old`) and after (`new`), None where there was or is none."""
ALL = "(sum of all)"
"""In the place of a key, where there are too many rows to look at each."""


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


def sums_of(summed: dict[str, dict[str, str]], keys: Keys) -> Rows:
    """The sums of each table, as if they were one row: the number of rows, and each column's hashes. Without keys and
    what refers to one: those may have been made, and are others each time."""
    found: Rows = {}
    for table, columns in summed.items():
        without = {*keys.columns.get(table, ()), *keys.references.get(table, ())}
        known = {name: value for name, value in columns.items() if name not in without}
        if known:
            found[table] = {ALL: {"new": known}}
    return found


class Capture:
    """Notes what one transaction writes between `begin` and `end`. `is_summed`: the rows were too many, or it was asked
    for, so that there are sums in their place. `settings` are those that are others in the end, as they are then."""

    def __init__(self, tx: Transaction, keys: Keys) -> None:
        self._tx = tx
        self._keys = keys
        self._names = [*SETTINGS, *tx.tenant_settings]
        self._set: dict[str, str] = {}
        self.is_summed = False
        self.settings: dict[str, str] = {}

    async def begin(self, limit_s: float | None = None, *, waits: bool = True) -> None:
        """With a limit for each statement, where one is given: it ends with the savepoint, which must be undone."""
        self._set = orjson.loads((await self._tx.first(BEGIN, (self._names,)))["set"])
        if limit_s is not None:
            await self._tx.first(LIMITS, of_statements(limit_s, waits=waits))

    async def end(self, made: Made, *, summed: bool = False) -> Rows:
        """The rows, with the keys replaced that were made. `summed`: their sums, however few they are."""
        found = await self._tx.first(END, (self._names,))
        self.settings = {name: each for name, each in orjson.loads(found["set"]).items() if each != self._set[name]}
        self.is_summed = summed or found["summed"] != NOT_SUMMED
        if self.is_summed:
            added = await self._tx.first(SUM, (found["summed"], found["captured"]))
            return sums_of(orjson.loads(added["summed"]), self._keys)
        # Not splitlines(): a text may have the other ends of a line that Unicode knows.
        notes = [values_of(line) for line in found["captured"].split("\n") if line]
        return net(made.rows(notes), self._keys)
