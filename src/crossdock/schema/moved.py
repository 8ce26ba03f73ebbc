"""Finds tables and columns that were renamed, or moved to another schema: they get their name back, with their rows."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from crossdock.registry import Registry
from crossdock.schema.expected import Sides
from crossdock.schema.facts import Facts, Key
from crossdock.sql.quoting import readable

NAMES_APART = ("column", "comment")
"""Facts whose words are no names."""


@dataclass(frozen=True, slots=True)
class Moved:
    """`now`: what a table is called where others speak of it, with its schema if that is another one."""

    now: str
    advice: str


def moved_to(sides: Sides, registry: Registry, table: str) -> Moved | None:
    """Where a table of ours is that is not in its place; None where it is, or cannot be found."""
    if registry.owner(table) is None or Key(table, "table", "") in sides.database:
        return None
    wanted = columns(sides.said[registry.migrated_by(table)], table)
    strangers = {key.table for key in sides.database if key.kind == "table" and registry.owner(key.table) is None}
    like = [other for other in sorted(strangers) if columns(sides.database, other) == wanted]
    if len(like) == 1:
        return Moved(like[0], f"It is called {like[0]}: ALTER TABLE {readable(like[0])} RENAME TO {readable(table)};")
    if table in sides.elsewhere:
        place = f"{readable(sides.elsewhere[table])}.{readable(table)}"
        return Moved(place, f"It is in another schema: ALTER TABLE {place} SET SCHEMA {readable(sides.schema)};")
    return None


def put_back(facts: Facts, names: Mapping[str, str]) -> Facts:
    """As the facts would be with these names (now → wanted) put right: what only says a name is no difference more."""
    for now, wanted in names.items():
        word = re.compile(rf"(?<![\w.]){re.escape(now)}(?!\w)")
        facts = {key: says if key.kind in NAMES_APART else word.sub(wanted, says) for key, says in facts.items()}
    return facts


def columns(facts: Mapping[Key, str], table: str) -> dict[str, str]:
    return {key.name: says for key, says in facts.items() if (key.table, key.kind) == (table, "column")}


def renamed_columns(wanted: Facts, there: Facts) -> dict[Key, Key]:
    """Missing column → the one surplus column that is of the same words, where no other missing one is."""
    missing = {key: says for key, says in wanted.items() if key.kind == "column" and key not in there}
    surplus = {key: says for key, says in there.items() if key.kind == "column" and key not in wanted}
    found: dict[Key, Key] = {}
    for key, words in missing.items():
        alike = [other for other, says in surplus.items() if says == words]
        if len(alike) == 1 and [*missing.values()].count(words) == 1:
            found[key] = alike[0]
    return found


def renaming(key: Key, now: Key) -> str:
    alter = f"ALTER TABLE {readable(key.table)} RENAME COLUMN {readable(now.name)} TO {readable(key.name)};"
    return f"The column {now.name} has the same type and no model: where it has the values, {alter}"
