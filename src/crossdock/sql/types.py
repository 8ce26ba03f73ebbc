"""Which changes of a column's type PostgreSQL makes in its catalogue alone, and which rewrite or read the table."""

from typing import Any

from crossdock.sql.known import Column, Known
from crossdock.sql.shapes import definition, type_of

TIMES = ("time", "timetz", "timestamp", "timestamptz", "interval")
LENGTHENED = {(kind, kind) for kind in ("varchar", "varbit", *TIMES)}
"""Types whose rows stay as they are when the number in the parentheses grows, or goes."""

BINARY = frozenset(
    (
        # PostgreSQL 18's pg_cast: castmethod = 'b', of types that a column is likely to have
        *(("text", "varchar"), ("varchar", "text"), ("text", "bpchar"), ("varchar", "bpchar"), ("cidr", "inet")),
        *(("bit", "varbit"), ("varbit", "bit"), ("xml", "text"), ("xml", "varchar"), ("xml", "bpchar")),
        *(("int4", "oid"), ("oid", "int4")),
    )
)
"""A value of the one is stored as a value of the other is."""

NUMBERS = ("int2", "int4", "int8", "numeric")
LOSSLESS = {(kind, other) for place, kind in enumerate(NUMBERS) for other in NUMBERS[place:]}
LOSSLESS |= {("float4", "float8"), ("uuid", "text"), ("timestamp", "timestamptz")}
"""Every value of the one is one of the other."""


def keeps_rows(known: Known, table: str, part: Any) -> bool:
    """Does ALTER COLUMN ... TYPE leave the rows as they are?"""
    column = definition(part).column_def
    old, new = known.column(table, part.name), Column(*type_of(column))
    if old is None or _is_worked_out(part.name, column):
        return False
    if old.type != new.type and known.is_checked(new.type):
        return False  # each value is held against the domain's CHECK
    return _is_wider(known.plain(old), known.plain(new))


def is_lossless(known: Known, table: str, part: Any) -> bool:
    """Does every value of a column survive ALTER COLUMN ... TYPE as it was?"""
    column = definition(part).column_def
    old, new = known.column(table, part.name), Column(*type_of(column))
    if old is None or _is_worked_out(part.name, column):
        return False
    old, new = known.plain(old), known.plain(new)
    return _is_wider(old, new) or ((old.type, new.type) in LOSSLESS and not new.size)


def rebuilds_an_index(known: Known, table: str, part: Any) -> bool:
    """An index is built anew when the order of its values changes; one with an expression or a WHERE, and one of a
    partitioned table, in any case."""
    has_new_order = bool(definition(part).column_def.HasField("coll_clause"))
    if any(has_new_order or not indexed.is_plain for indexed in known.indexes_with(table, part.name)):
        return True
    parent = known.family.parent_of_partition(table)
    return parent is not None and (
        bool(known.indexes_with(parent, part.name)) or rebuilds_an_index(known, parent, part)
    )


def _is_worked_out(name: str, column: Any) -> bool:
    """From something else than its own old value. aerich writes `USING "note"::VARCHAR(40)`, which is nothing else."""
    if not column.HasField("raw_default"):
        return False
    cast = column.raw_default.type_cast
    fields = cast.arg.column_ref.fields
    is_itself = len(fields) == 1 and fields[0].string.sval == name
    return not is_itself or type_of(cast) != type_of(column)


def _is_wider(old: Column, new: Column) -> bool:
    if (old.type, old.size) == (new.type, new.size):
        return True
    kinds = (old.type, new.type)
    if not new.size:
        return kinds in BINARY | LENGTHENED or kinds == ("numeric", "numeric")
    if kinds == ("numeric", "numeric") and len(old.size) == len(new.size) == 2:
        return old.size[1] == new.size[1] and old.size[0] <= new.size[0]
    return kinds in LENGTHENED and bool(old.size) and old.size[0] <= new.size[0]
