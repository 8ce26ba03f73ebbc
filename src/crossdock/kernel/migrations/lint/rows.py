"""What a statement does to the rows of a table: none of them, some, or each, read or written anew."""

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any

from postgast import pg_query_pb2 as pg

from crossdock.kernel.migrations.lint.known import Column, Known
from crossdock.kernel.migrations.lint.shapes import SERIALS, constraints, definition, functions, parts, type_of
from crossdock.kernel.migrations.preview.locks import is_full
from crossdock.kernel.migrations.preview.row_locks import WRITES
from crossdock.kernel.migrations.statement import Statement

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

COPIES = {
    pg.AT_SetLogged: "SET LOGGED",
    pg.AT_SetUnLogged: "SET UNLOGGED",
    pg.AT_SetTableSpace: "SET TABLESPACE",
    pg.AT_SetAccessMethod: "SET ACCESS METHOD",
}
"""Forms of ALTER TABLE that copy the whole table."""


class Work(IntEnum):
    """From the least to the most: how long a lock is held for it grows with the table, or does not."""

    CATALOGUE = 0
    SOME_READ = 1
    SOME_WRITTEN = 2
    ALL_READ = 3
    ALL_WRITTEN = 4

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS = {
    Work.CATALOGUE: "catalogue only",
    Work.SOME_READ: "reads rows",
    Work.SOME_WRITTEN: "writes rows",
    Work.ALL_READ: "reads every row",
    Work.ALL_WRITTEN: "rewrites every row",
}


def work_on(table: str, statement: Statement, known: Known) -> Work:
    """What a statement does to a table that it locks; `known` is what was there before it."""
    rule = RULES.get(statement.kind)
    return Work.CATALOGUE if rule is None else rule(table, statement, known)


def _altered(table: str, statement: Statement, known: Known) -> Work:
    if known.table_of(statement.node.relation.relname) != table:
        return max((_on_other(part) for part in parts(statement)), default=Work.CATALOGUE)
    return max((_on_itself(table, part, known) for part in parts(statement)), default=Work.CATALOGUE)


def _on_other(part: Any) -> Work:
    """The table that a key points at is looked through for each of its values; a partition for what does not fit."""
    if part.subtype == pg.AT_AttachPartition:
        return Work.ALL_READ
    if part.subtype == pg.AT_AddColumn:
        column = definition(part).column_def
        return Work.ALL_READ if any(constraints(column, pg.CONSTR_DEFAULT)) else Work.CATALOGUE
    constraint = definition(part).constraint
    is_read = constraint.contype == pg.CONSTR_FOREIGN and not constraint.skip_validation
    return Work.ALL_READ if is_read else Work.CATALOGUE


def _on_itself(table: str, part: Any, known: Known) -> Work:
    if part.subtype in COPIES or part.subtype == pg.AT_SetExpression:
        return Work.ALL_WRITTEN
    rule = PARTS.get(part.subtype)
    return Work.CATALOGUE if rule is None else rule(table, part, known)


def _added_column(_: str, part: Any, known: Known) -> Work:
    """A value that is the same for every row is kept in the catalogue; all others are written."""
    column = definition(part).column_def
    defaults = list(constraints(column, pg.CONSTR_DEFAULT))
    called = {name for default in defaults for name in functions(default.raw_expr)}
    is_numbered = type_of(column)[0] in SERIALS or any(constraints(column, pg.CONSTR_IDENTITY, pg.CONSTR_GENERATED))
    if is_numbered or any(is_volatile(known, name) for name in called):
        return Work.ALL_WRITTEN
    looked_at = [pg.CONSTR_CHECK, pg.CONSTR_UNIQUE, pg.CONSTR_PRIMARY]
    looked_at.append(pg.CONSTR_FOREIGN if defaults else pg.CONSTR_NOTNULL)
    return Work.ALL_READ if any(constraints(column, *looked_at)) else Work.CATALOGUE


def _changed_type(table: str, part: Any, known: Known) -> Work:
    """A CHECK on the column is held against every row once more, though the rows stay as they are."""
    if not keeps_rows(known, table, part):
        return Work.ALL_WRITTEN
    checks = known.tables[table].checks.values()
    return Work.ALL_READ if any(part.name in check.reads for check in checks) else Work.CATALOGUE


def _required(table: str, part: Any, known: Known) -> Work:
    column = known.column(table, part.name)
    is_spared = known.is_kept_from_null(table, part.name) or (column is not None and column.is_required)
    return Work.CATALOGUE if is_spared else Work.ALL_READ


def _constrained(_table: str, part: Any, _known: Known) -> Work:
    """A ready index spares a UNIQUE the look at the rows; the columns of a key must not be NULL besides."""
    constraint = definition(part).constraint
    is_ready = constraint.contype == pg.CONSTR_UNIQUE and constraint.indexname
    return Work.CATALOGUE if constraint.skip_validation or is_ready else Work.ALL_READ


def _validated(table: str, part: Any, known: Known) -> Work:
    """Once more does nothing."""
    check = known.tables[table].checks.get(part.name) if table in known.tables else None
    return Work.CATALOGUE if check is not None and check.is_valid else Work.ALL_READ


def _rows(table: str, statement: Statement, _known: Known) -> Work:
    node = statement.node
    if statement.kind not in WRITES or node.relation.relname != table:
        return Work.SOME_READ
    is_all = statement.kind == "update_stmt" and not node.HasField("where_clause") and not node.from_clause
    return Work.ALL_WRITTEN if is_all else Work.SOME_WRITTEN


def _copied(_table: str, statement: Statement, _known: Known) -> Work:
    return Work.SOME_WRITTEN if statement.node.is_from else Work.SOME_READ


def _vacuumed(_table: str, statement: Statement, _known: Known) -> Work:
    """ANALYZE takes a sample."""
    if not statement.node.is_vacuumcmd:
        return Work.SOME_READ
    return Work.ALL_WRITTEN if is_full(statement) else Work.ALL_READ


def is_volatile(known: Known, function: str) -> bool:
    """Each call gives another value."""
    return function in VOLATILE or known.functions.get(function) == "volatile"


def keeps_rows(known: Known, table: str, part: Any) -> bool:
    """Does ALTER COLUMN ... TYPE leave the rows as they are?"""
    column = definition(part).column_def
    old = known.column(table, part.name)
    return old is not None and not _is_worked_out(part.name, column) and _is_wider(old, Column(*type_of(column)))


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


RULES: Mapping[str, Callable[[str, Statement, Known], Work]] = {
    "alter_table_stmt": _altered,
    "index_stmt": lambda *_: Work.ALL_READ,
    "reindex_stmt": lambda *_: Work.ALL_READ,
    "cluster_stmt": lambda *_: Work.ALL_WRITTEN,
    "refresh_mat_view_stmt": lambda *_: Work.ALL_WRITTEN,
    "vacuum_stmt": _vacuumed,
    "select_stmt": _rows,
    "create_table_as_stmt": _rows,
    "copy_stmt": _copied,
    **dict.fromkeys(WRITES, _rows),
}
"""Every other kind touches the catalogue only: TRUNCATE too, which begins an empty file."""

PARTS: dict[int, Callable[[str, Any, Known], Work]] = {
    pg.AT_AddColumn: _added_column,
    pg.AT_AlterColumnType: _changed_type,
    pg.AT_SetNotNull: _required,
    pg.AT_AddConstraint: _constrained,
    pg.AT_ValidateConstraint: _validated,
}
