"""Rules about columns: what rewrites a table, or reads all of it, while it holds ACCESS EXCLUSIVE."""

from collections.abc import Iterator
from typing import Any

from postgast import pg_query_pb2 as pg

from crossdock.kernel.migrations.lint.case import Case
from crossdock.kernel.migrations.lint.finding import Problem
from crossdock.kernel.migrations.lint.known import Column
from crossdock.kernel.migrations.lint.rewrites import filled_later, new_column, not_valid, set_not_null
from crossdock.kernel.migrations.lint.shapes import SERIALS, constraints, definition, functions, type_of

VOLATILE = frozenset(
    (
        # PostgreSQL 18's pg_proc: what is volatile (provolatile = 'v') and returns a value that a column can hold
        *("array_sample", "array_shuffle", "clock_timestamp", "currval", "gen_random_uuid", "lastval", "nextval"),
        *("random", "random_normal", "setval", "timeofday", "uuidv4", "uuidv7"),
        *("current_query", "set_config", "ts_rewrite"),
        # and of its contrib: pgcrypto, uuid-ossp
        *("gen_random_bytes", "gen_salt", "uuid_generate_v1", "uuid_generate_v1mc", "uuid_generate_v4"),
    )
)
"""now(), CURRENT_TIMESTAMP and the like are stable: worked out once, and kept in the catalog."""

LENGTHENED = {("varchar", "varchar"), ("varbit", "varbit")}
UNBOUNDED = {("varchar", "text"), ("text", "varchar"), ("varchar", "varchar"), ("varbit", "varbit")}
UNBOUNDED |= {("numeric", "numeric")}


def volatile_default(case: Case) -> Iterator[Problem]:
    """Every row gets a value of its own: the table is rewritten, and nobody reads or writes it meanwhile."""
    for column in _added(case):
        name, kind = column.colname, type_of(column)[0]
        for default in constraints(column, pg.CONSTR_DEFAULT):
            called = sorted(name for name in functions(default.raw_expr) if _is_volatile(case, name))
            if called:
                words = f"{called[0]}() gives each row of {case.table} a value of its own: the table is rewritten under"
                rewrite = filled_later(case.table, name, kind, f"{called[0]}()")
                yield Problem(f"{words} ACCESS EXCLUSIVE.", rewrite)
        if kind in SERIALS or any(constraints(column, pg.CONSTR_IDENTITY)):
            what = f"A sequence numbers each row of {case.table}: the table is rewritten under ACCESS EXCLUSIVE."
            sequence = f"nextval('{case.table}_{name}_seq')"
            yield Problem(what, f"CREATE SEQUENCE first, then: {filled_later(case.table, name, 'bigint', sequence)}")


def _is_volatile(case: Case, name: str) -> bool:
    return name in VOLATILE or case.before.functions.get(name) == "volatile"


def added_check(case: Case) -> Iterator[Problem]:
    """A CHECK in ADD COLUMN reads every row under ACCESS EXCLUSIVE, though each holds the same default."""
    for column in _added(case):
        for _ in constraints(column, pg.CONSTR_CHECK):
            what = f"The CHECK of the new column {column.colname} reads all of {case.table} under ACCESS EXCLUSIVE."
            yield Problem(what, f"ADD COLUMN without it, then {not_valid(case.table, 'CONSTRAINT ... CHECK (...)')}")


def required(case: Case) -> Iterator[Problem]:
    """SET NOT NULL reads the whole table under ACCESS EXCLUSIVE, unless a validated CHECK spares it that."""
    for part in case.parts(pg.AT_SetNotNull):
        if not case.before.is_kept_from_null(case.table, part.name):
            what = f"SET NOT NULL reads all of {case.table} under ACCESS EXCLUSIVE to look for NULL in {part.name}."
            yield Problem(what, set_not_null(case.table, part.name))


def type_change(case: Case) -> Iterator[Problem]:
    """A new type rewrites the table and its indexes under ACCESS EXCLUSIVE; the deployed release reads the old one."""
    for part in case.parts(pg.AT_AlterColumnType):
        column = definition(part).column_def
        old, new = case.before.column(case.table, part.name), Column(*type_of(column))
        if old is None or _is_worked_out(part.name, column) or not _is_wider(old, new):
            was = "an unknown type" if old is None else _spelled(old)
            what = (
                f"From {was} to {_spelled(new)}: {case.table} is rewritten, or all of it read, under ACCESS EXCLUSIVE."
            )
            yield Problem(what, new_column(case.table, part.name))


def _is_worked_out(name: str, column: Any) -> bool:
    """From something else than its own old value. aerich writes `USING "note"::VARCHAR(40)`, which is nothing else."""
    if not column.HasField("raw_default"):
        return bool(column.HasField("coll_clause"))
    cast = column.raw_default.type_cast
    fields = cast.arg.column_ref.fields
    is_itself = len(fields) == 1 and fields[0].string.sval == name
    return not is_itself or type_of(cast) != type_of(column)


def _is_wider(old: Column, new: Column) -> bool:
    """The changes that PostgreSQL makes in its catalog alone."""
    if (old.type, old.size) == (new.type, new.size):
        return True
    kinds = (old.type, new.type)
    if not new.size:
        return kinds in UNBOUNDED
    if kinds == ("numeric", "numeric") and len(old.size) == len(new.size) == 2:
        return old.size[1] == new.size[1] and old.size[0] <= new.size[0]
    return kinds in LENGTHENED and bool(old.size) and old.size[0] <= new.size[0]


def _spelled(column: Column) -> str:
    return f"{column.type}({', '.join(map(str, column.size))})" if column.size else column.type


def _added(case: Case) -> Iterator[Any]:
    for part in case.parts(pg.AT_AddColumn):
        yield definition(part).column_def
