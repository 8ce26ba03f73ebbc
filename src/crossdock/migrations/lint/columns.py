"""Rules about columns: what rewrites a table, or reads all of it, while it holds ACCESS EXCLUSIVE."""

from collections.abc import Iterator
from typing import Any

from postgast import pg_query_pb2 as pg

from crossdock.migrations.lint.case import Case
from crossdock.migrations.lint.finding import Problem
from crossdock.migrations.lint.rewrites import filled_later, new_column, not_valid, set_not_null
from crossdock.sql.known import Column
from crossdock.sql.rows import STABLE, Work, changed_type, is_volatile
from crossdock.sql.shapes import SERIALS, constraints, definition, functions, type_of


def volatile_default(case: Case) -> Iterator[Problem]:
    """Every row gets a value of its own: the table is rewritten, and nobody reads or writes it meanwhile."""
    for column in _added(case):
        name, kind = column.colname, type_of(column)[0]
        for default in constraints(column, pg.CONSTR_DEFAULT):
            named = functions(default.raw_expr)
            called = sorted(name for name in named if is_volatile(case.before, name))
            unknown = sorted(name for name in named if name not in STABLE | case.before.functions.keys())
            if unknown and not called:
                what = (
                    f"Whether {unknown[0]}() is volatile the lint does not know: if it is, {case.table} is rewritten."
                )
                yield Problem(what, filled_later(case.table, name, kind, f"{unknown[0]}()"))
            if called:
                words = f"{called[0]}() gives each row of {case.table} a value of its own: the table is rewritten under"
                rewrite = filled_later(case.table, name, kind, f"{called[0]}()")
                yield Problem(f"{words} ACCESS EXCLUSIVE.", rewrite)
        if case.before.is_checked(kind):
            words = f"The CHECK of the domain {kind} is held against every row: {case.table} is rewritten under"
            yield Problem(f"{words} ACCESS EXCLUSIVE.", "ADD COLUMN of the type behind the domain, nullable.")
        if kind in SERIALS or any(constraints(column, pg.CONSTR_IDENTITY)):
            what = f"A sequence numbers each row of {case.table}: the table is rewritten under ACCESS EXCLUSIVE."
            sequence = f"nextval('{case.table}_{name}_seq')"
            yield Problem(what, f"CREATE SEQUENCE first, then: {filled_later(case.table, name, 'bigint', sequence)}")


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
        if changed_type(case.table, part, case.before) > Work.CATALOGUE:
            was = "an unknown type" if old is None else _spelled(old)
            what = (
                f"From {was} to {_spelled(new)}: {case.table} is rewritten, or all of it read, under ACCESS EXCLUSIVE."
            )
            yield Problem(what, new_column(case.table, part.name))


def _spelled(column: Column) -> str:
    return f"{column.type}({', '.join(map(str, column.size))})" if column.size else column.type


def _added(case: Case) -> Iterator[Any]:
    for part in case.parts(pg.AT_AddColumn):
        yield definition(part).column_def
