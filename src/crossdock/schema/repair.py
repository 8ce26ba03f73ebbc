"""What to do about a difference: the SQL that makes the database say what is wanted, for each kind of fact."""

import re
from collections.abc import Callable

from crossdock.schema.facts import NOBODY, Key
from crossdock.schema.grants import Right, change, rights
from crossdock.sql.quoting import readable

COLUMN = re.compile(r"(?P<type>.+?)(?P<required> NOT NULL)?(?P<default> (?:DEFAULT|GENERATED) .+)?", re.DOTALL)

Repair = Callable[[Key, str, str], str]
"""From what is wanted and what there is; either is empty where there is nothing."""


def repair(key: Key, wanted: str | None, there: str | None) -> str:
    """SQL, or a sentence where a person has to decide."""
    return REPAIRS[key.kind](key, wanted or "", there or "")


def _table(key: Key, wanted: str, there: str) -> str:
    if not there:
        return "Run `crossdock migrate up`; where nothing is pending, somebody dropped it: restore it from a backup."
    return "Somebody made another thing of it: move its rows to a table that the migrations make."


def _column(key: Key, wanted: str, there: str) -> str:
    alter = f"ALTER TABLE {readable(key.table)}"
    name = readable(key.name)
    if not wanted:
        return f"{alter} DROP COLUMN {name};"
    if not there:
        return f"{alter} ADD COLUMN {name} {wanted};"
    parts = ", ".join(f"ALTER COLUMN {name} {part}" for part in _column_parts(wanted, there))
    return f"{alter} {parts};" if parts else f"Make the column {name} anew: its generation cannot be altered."


def _column_parts(wanted: str, there: str) -> list[str]:
    new, old = COLUMN.fullmatch(wanted), COLUMN.fullmatch(there)
    assert new and old, "a column begins with its type"
    parts = [f"TYPE {new['type']}"] if new["type"] != old["type"] else []
    if new["required"] != old["required"]:
        parts.append("SET NOT NULL" if new["required"] else "DROP NOT NULL")
    if new["default"] != old["default"] and " GENERATED" not in f"{new['default']}{old['default']}":
        parts.append(f"SET{new['default']}" if new["default"] else "DROP DEFAULT")
    return parts


def _constraint(key: Key, wanted: str, there: str) -> str:
    alter, name = f"ALTER TABLE {readable(key.table)}", readable(key.name)
    if there == f"{wanted} NOT VALID":
        return f"{alter} VALIDATE CONSTRAINT {name};"
    definition, _, tables = there.partition(" DISABLED ON ")
    if tables and definition == wanted:
        return " ".join(f"ALTER TABLE {table} ENABLE TRIGGER ALL;" for table in tables.split(", "))
    steps = [f"{alter} DROP CONSTRAINT {name};"] if there else []
    if wanted:
        later = " NOT VALID" if key.kind in ("foreign key", "check") else ""
        steps.append(f"{alter} ADD CONSTRAINT {name} {wanted}{later};")
        steps += [f"{alter} VALIDATE CONSTRAINT {name};"] if later else []
    return " ".join(steps)


def _index(key: Key, wanted: str, there: str) -> str:
    if there == f"{wanted} INVALID":
        return f"REINDEX INDEX CONCURRENTLY {readable(key.name)};"
    steps = [f"DROP INDEX CONCURRENTLY {readable(key.name)};"] if there else []
    if wanted:
        steps.append(wanted.replace(" INDEX ", " INDEX CONCURRENTLY ", 1) + ";")
    return " ".join(steps)


def _security(key: Key, wanted: str, there: str) -> str:
    steps = []
    if wanted.startswith("on") != there.startswith("on"):
        steps.append("ENABLE" if wanted.startswith("on") else "DISABLE")
    if ("forced" in wanted) != ("forced" in there):
        steps.append("FORCE" if "forced" in wanted else "NO FORCE")
    return f"ALTER TABLE {readable(key.table)} " + ", ".join(f"{step} ROW LEVEL SECURITY" for step in steps) + ";"


def _policy(key: Key, wanted: str, there: str) -> str:
    where = f"POLICY {readable(key.name)} ON {readable(key.table)}"
    return " ".join([f"DROP {where};"] * bool(there) + [f"CREATE {where} {wanted};"] * bool(wanted))


def _grants(key: Key, wanted: str, there: str) -> str:
    role = key.name if key.name == "PUBLIC" else readable(key.name)
    return change(readable(key.table), role, rights(wanted), rights(there))


def _callers(key: Key, wanted: str, there: str) -> str:
    """Who may call a function: EXECUTE is its only right."""
    new, old = _roles(wanted), _roles(there)
    on = f"FUNCTION {key.name}"
    everybody = sorted({*new, *old}, key=lambda role: role in new)  # those who lose it first
    return " ".join(filter(None, (change(on, role, new.get(role, set()), old.get(role, set())) for role in everybody)))


def _roles(said: str) -> dict[str, set[Right]]:
    found = (each.partition(" WITH ") for each in said.split(", ") if each not in ("", NOBODY))
    return {role: rights(f"EXECUTE{sep}{option}") for role, sep, option in found}


def _trigger(key: Key, wanted: str, there: str) -> str:
    table, name = readable(key.table), readable(key.name)
    if there.rpartition(" ")[0] == wanted:
        return f"ALTER TABLE {table} ENABLE TRIGGER {name};"
    steps = [f"DROP {key.kind.upper()} {name} ON {table};"] if there else []
    return " ".join(steps + [f"{wanted.rstrip(';')};"] * bool(wanted))


def _comment(key: Key, wanted: str, there: str) -> str:
    what = f"COLUMN {readable(key.table)}.{readable(key.name)}" if key.name else f"TABLE {readable(key.table)}"
    text = "E'" + wanted.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"
    return f"COMMENT ON {what} IS {text if wanted else 'NULL'};"


def _function(key: Key, wanted: str, there: str) -> str:
    if not wanted:
        return f"DROP FUNCTION {key.name}; or add it to a rules.sql, where it is ours."
    return f"Run its statement of rules.sql again, as CREATE OR REPLACE FUNCTION {key.name}."


def _type(key: Key, wanted: str, there: str) -> str:
    if not wanted:
        return f"DROP TYPE {readable(key.name)}; or add it to a rules.sql, where it is ours."
    return f"Make the type {readable(key.name)} as rules.sql says: it cannot be replaced while columns have it."


REPAIRS: dict[str, Repair] = {
    "table": _table,
    "row level security": _security,
    "column": _column,
    "comment": _comment,
    **dict.fromkeys(("primary key", "unique", "foreign key", "check", "exclusion"), _constraint),
    "index": _index,
    "policy": _policy,
    "grants": _grants,
    "trigger": _trigger,
    "rule": _trigger,
    "function": _function,
    "callers": _callers,
    "type": _type,
}
