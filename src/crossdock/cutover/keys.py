"""Keys of rows: those that a table has, and those that were made while a store was at work."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from crossdock.transaction import Transaction

READ = """
SELECT jsonb_build_object(
    'columns', (SELECT jsonb_object_agg(key.table, key.columns) FROM (
        SELECT c.relname AS table, array_agg(a.attname::text ORDER BY k.place) AS columns
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid,
            unnest(i.indkey::int[]) WITH ORDINALITY AS k (number, place) JOIN pg_attribute a ON a.attnum = k.number
        WHERE i.indisprimary AND a.attrelid = i.indrelid AND c.relnamespace = to_regnamespace(current_schema)
        GROUP BY 1) AS key),
    'references', (SELECT jsonb_object_agg(held.table, held.columns) FROM (
        SELECT c.relname AS table, jsonb_object_agg(a.attname, r.relname) AS columns
        FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_class r ON r.oid = f.confrelid
            JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = f.conkey[1]
        WHERE f.contype = 'f' AND cardinality(f.conkey) = 1 AND c.relnamespace = to_regnamespace(current_schema)
        GROUP BY 1) AS held)) AS keys
"""
MADE = "(made)"

Note = dict[str, Any]
"""A row that was written: its `table`, and the row before (`old`) and after (`new`)."""


@dataclass(frozen=True, slots=True)
class Keys:
    """`columns` are those of each table's primary key; `references`: table → column → the table whose key it holds."""

    columns: dict[str, list[str]]
    references: dict[str, dict[str, str]]


async def read_keys(tx: Transaction) -> Keys:
    """Those of the schema."""
    found = orjson.loads((await tx.first(READ, ()))["keys"])
    return Keys(found["columns"] or {}, found["references"] or {})


class Made:
    """Keys that no argument of a call had: PostgreSQL or a model has made them, and makes others the next time.

    Two stores that write the same row get two different keys. So such a key is replaced by `(made 1)`, `(made 2)` in
    the order of the rows of its table: in the row itself, and in rows that refer to it. In the answer it is `(made)`;
    there a number is taken for a key only where its field is named like one.
    """

    def __init__(self, keys: Keys, arguments: Any) -> None:
        self._keys = keys
        self._given = set(_leaves("", arguments))
        self._texts = {value for _, value in self._given if isinstance(value, str)}
        self._made: dict[str, dict[Any, str]] = defaultdict(dict)

    def rows(self, notes: Sequence[Note]) -> list[Note]:
        """The notes, in their order, with the keys replaced that were made."""
        for note in notes:
            if note["old"] is None:
                self._learn(note["table"], note["new"])
        return [{name: self._row(note["table"], each) for name, each in note.items()} for note in notes]

    def answer(self, value: Any, name: str = "") -> Any:
        """An answer, in JSON's types, with the keys replaced that were made."""
        if isinstance(value, dict):
            return {key: self.answer(each, key) for key, each in value.items()}
        if isinstance(value, list):
            return [self.answer(each, name) for each in value]
        return MADE if self._is_made(name, value) else value

    def _learn(self, table: str, row: dict[str, Any]) -> None:
        columns = self._keys.columns.get(table, [])
        if len(columns) != 1 or columns[0] in self._keys.references.get(table, {}):
            return
        value, made = row[columns[0]], self._made[table]
        if value not in self._texts and (columns[0], value) not in self._given:
            made.setdefault(value, f"{MADE[:-1]} {len(made) + 1})")

    def _row(self, table: str, row: Any) -> Any:
        if not isinstance(row, dict):
            return row
        own = dict.fromkeys(self._keys.columns.get(table, []), table)
        tables = own | self._keys.references.get(table, {})
        return {
            name: self._made[tables[name]].get(value, value) if name in tables else value for name, value in row.items()
        }

    def _is_made(self, name: str, value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | str):
            return False
        return any(
            value in made and (isinstance(value, str) or name in ("", *self._names_of(table)))
            for table, made in self._made.items()
        )

    def _names_of(self, table: str) -> Iterator[str]:
        yield from self._keys.columns[table]
        for columns in self._keys.references.values():
            yield from (name for name, target in columns.items() if target == table)


def _leaves(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(key, each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(name, each)
    else:
        yield name, value
