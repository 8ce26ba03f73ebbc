"""What a statement does to the rows of a table: none of them, some, or each, read or written anew."""

from collections.abc import Callable, Mapping
from enum import IntEnum
from typing import Any

from postgast import pg_query_pb2 as pg

from crossdock.sql.family import PARTITION_OF
from crossdock.sql.known import Known
from crossdock.sql.locks import is_full
from crossdock.sql.row_locks import WRITES, executed
from crossdock.sql.shapes import SERIALS, constraints, definition, functions, parts, type_of
from crossdock.sql.statement import Statement
from crossdock.sql.types import keeps_rows, rebuilds_an_index

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
"""Each call gives another value."""

STABLE = frozenset(
    (
        *("now", "transaction_timestamp", "statement_timestamp", "current_setting", "date_trunc", "make_interval"),
        *("make_date", "make_timestamptz", "to_timestamp", "to_char", "to_date", "timezone", "age", "extract"),
        *("lower", "upper", "md5", "sha256", "encode", "decode", "concat", "format", "length", "substring", "replace"),
        *("left", "right", "btrim", "abs", "round", "floor", "ceil", "power", "array_fill", "string_to_array"),
        *("jsonb_build_object", "jsonb_build_array", "json_build_object", "json_build_array", "to_jsonb", "to_json"),
        *("int4range", "int8range", "tstzrange", "daterange", "numrange", "pg_backend_pid"),
    )
)
"""Worked out once, and kept in the catalogue. What is in neither list nobody knows without a database."""

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
    """What a statement does to a table that it locks; `known` is what was there before it. A partitioned table has no
    rows: what is done to them is done to its partitions."""
    rule = RULES.get(statement.kind)
    if rule is None or table in known.family.partitioned:
        return Work.CATALOGUE
    return rule(table, statement, known)


def _is_its_own(table: str, statement: Statement, known: Known) -> bool:
    """The table that the statement names first, or one that stands under it."""
    named = known.table_of(statement.node.relation.relname)
    return table == named or table in known.family.below(named)


def _altered(table: str, statement: Statement, known: Known) -> Work:
    if statement.node.objtype != pg.OBJECT_TABLE:
        return Work.CATALOGUE
    works = (_part(table, part, statement, known) for part in parts(statement))
    return max(works, default=Work.CATALOGUE)


def _part(table: str, part: Any, statement: Statement, known: Known) -> Work:
    """A new partition is looked through for what does not belong into it, and the DEFAULT one for what does."""
    if part.subtype in PARTITION_OF:
        named = definition(part).partition_cmd.name.relname
        looked_through = {named, known.family.defaults.get(statement.node.relation.relname)}
        is_read = part.subtype == pg.AT_AttachPartition and table in looked_through
        return Work.ALL_READ if is_read else Work.CATALOGUE
    if not _is_its_own(table, statement, known):
        return _on_other(part)
    is_spared = table != statement.node.relation.relname and definition(part).constraint.is_no_inherit
    return Work.CATALOGUE if is_spared else _on_itself(table, part, known)


def _on_other(part: Any) -> Work:
    """The table that a key points at is looked through for each of its values."""
    if part.subtype == pg.AT_ValidateConstraint:
        return Work.ALL_READ
    if part.subtype == pg.AT_AddColumn:
        column = definition(part).column_def
        return Work.ALL_READ if any(constraints(column, pg.CONSTR_DEFAULT)) else Work.CATALOGUE
    constraint = definition(part).constraint
    is_read = constraint.contype == pg.CONSTR_FOREIGN and not constraint.skip_validation
    return Work.ALL_READ if is_read else Work.CATALOGUE


def _on_itself(table: str, part: Any, known: Known) -> Work:
    rule = PARTS.get(part.subtype)
    return Work.CATALOGUE if rule is None else rule(table, part, known)


def _added_column(table: str, part: Any, known: Known) -> Work:
    """A value that is the same for every row is kept in the catalogue, and that of a VIRTUAL column nowhere; all others
    are written."""
    column = definition(part).column_def
    if part.missing_ok and known.column(table, column.colname) is not None:
        return Work.CATALOGUE
    defaults = list(constraints(column, pg.CONSTR_DEFAULT))
    if is_numbered(column) or is_stored(column) or known.is_checked(type_of(column)[0]):
        return Work.ALL_WRITTEN
    if any(is_volatile(known, name) for default in defaults for name in functions(default.raw_expr)):
        return Work.ALL_WRITTEN
    looked_at = [pg.CONSTR_CHECK, pg.CONSTR_UNIQUE, pg.CONSTR_PRIMARY]
    looked_at.append(pg.CONSTR_FOREIGN if defaults else pg.CONSTR_NOTNULL)
    return Work.ALL_READ if any(constraints(column, *looked_at)) else Work.CATALOGUE


def is_numbered(column: Any) -> bool:
    """A sequence gives each row its value."""
    return type_of(column)[0] in SERIALS or any(constraints(column, pg.CONSTR_IDENTITY))


def is_stored(column: Any) -> bool:
    """GENERATED ... STORED: worked out for every row. A VIRTUAL one is worked out when it is read."""
    return any(each.generated_kind == "s" for each in constraints(column, pg.CONSTR_GENERATED))


def _new_expression(table: str, part: Any, known: Known) -> Work:
    column = known.column(table, part.name)
    return Work.CATALOGUE if column is not None and column.generated == "v" else Work.ALL_WRITTEN


def _logged(table: str, part: Any, known: Known) -> Work:
    """Once more does nothing."""
    wanted = "p" if part.subtype == pg.AT_SetLogged else "u"
    there = known.tables.get(table)
    return Work.CATALOGUE if there is not None and there.persistence == wanted else Work.ALL_WRITTEN


def _moved(_table: str, part: Any, _known: Known) -> Work:
    """heap is what a table has, where nothing else is installed."""
    is_same = part.subtype == pg.AT_SetAccessMethod and part.name in ("heap", "")
    return Work.CATALOGUE if is_same else Work.ALL_WRITTEN


def changed_type(table: str, part: Any, known: Known) -> Work:
    """A CHECK on the column is held against every row once more, though the rows stay as they are."""
    if not keeps_rows(known, table, part):
        return Work.ALL_WRITTEN
    checks = known.tables[table].checks.values()
    is_read = any(part.name in check.reads for check in checks) or rebuilds_an_index(known, table, part)
    return Work.ALL_READ if is_read else Work.CATALOGUE


def _required(table: str, part: Any, known: Known) -> Work:
    return Work.CATALOGUE if _is_never_null(table, part.name, known) else Work.ALL_READ


def _is_never_null(table: str, name: str, known: Known) -> bool:
    column = known.column(table, name)
    return known.is_kept_from_null(table, name) or (column is not None and column.is_required)


def _constrained(table: str, part: Any, known: Known) -> Work:
    """A ready index spares a UNIQUE the look at the rows; the columns of a key must not be NULL besides."""
    constraint = definition(part).constraint
    is_ready = constraint.contype == pg.CONSTR_UNIQUE and constraint.indexname
    if constraint.contype == pg.CONSTR_NOTNULL:
        is_ready = all(_is_never_null(table, item.string.sval, known) for item in constraint.keys)
    return Work.CATALOGUE if constraint.skip_validation or is_ready else Work.ALL_READ


def _validated(table: str, part: Any, known: Known) -> Work:
    """Once more does nothing."""
    check = known.tables[table].checks.get(part.name) if table in known.tables else None
    return Work.CATALOGUE if check is not None and check.is_valid else Work.ALL_READ


def _rows(table: str, statement: Statement, known: Known) -> Work:
    works = [_change(table, change, known) for change in executed(statement)]
    return max(works, default=Work.SOME_READ)


def _change(table: str, change: Any, known: Known) -> Work:
    """An UPDATE or DELETE without a WHERE writes every row."""
    named = change.relation.relname
    if table != named and table not in known.family.below(named):
        return Work.SOME_READ
    return Work.ALL_WRITTEN if is_of_all(change) else Work.SOME_WRITTEN


def is_of_all(change: Any) -> bool:
    """Every row: nothing of the statement says which."""
    if isinstance(change, pg.UpdateStmt):
        return not change.HasField("where_clause") and not change.from_clause
    return isinstance(change, pg.DeleteStmt) and not change.HasField("where_clause") and not change.using_clause


def _indexed(table: str, statement: Statement, known: Known) -> Work:
    """IF NOT EXISTS finds it there."""
    node = statement.node
    is_there = node.if_not_exists and node.idxname in known.indexes
    return Work.ALL_READ if not is_there and _is_its_own(table, statement, known) else Work.CATALOGUE


def _made(table: str, statement: Statement, known: Known) -> Work:
    """A new partition: the DEFAULT one is looked through for what belongs into it."""
    is_searched = statement.node.HasField("partbound") and table in known.family.defaults.values()
    return Work.ALL_READ if is_searched else Work.CATALOGUE


def _refreshed(table: str, statement: Statement, _known: Known) -> Work:
    """CONCURRENTLY works the view out beside itself, and writes what differs."""
    node = statement.node
    if table != node.relation.relname:
        return Work.CATALOGUE if node.skip_data else Work.SOME_READ
    return Work.SOME_WRITTEN if node.concurrent else Work.ALL_WRITTEN


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


RULES: Mapping[str, Callable[[str, Statement, Known], Work]] = {
    "alter_table_stmt": _altered,
    "index_stmt": _indexed,
    "create_stmt": _made,
    "alter_domain_stmt": lambda *_: Work.ALL_READ,
    "reindex_stmt": lambda *_: Work.ALL_READ,
    "cluster_stmt": lambda *_: Work.ALL_WRITTEN,
    "refresh_mat_view_stmt": _refreshed,
    "vacuum_stmt": _vacuumed,
    "select_stmt": _rows,
    "create_table_as_stmt": _rows,
    "copy_stmt": _copied,
    "explain_stmt": _rows,
    **dict.fromkeys(WRITES, _rows),
}
"""Every other kind touches the catalogue only: TRUNCATE too, which begins an empty file."""

PARTS: dict[int, Callable[[str, Any, Known], Work]] = {
    pg.AT_AddColumn: _added_column,
    pg.AT_AlterColumnType: changed_type,
    pg.AT_SetExpression: _new_expression,
    pg.AT_SetLogged: _logged,
    pg.AT_SetUnLogged: _logged,
    pg.AT_SetTableSpace: _moved,
    pg.AT_SetAccessMethod: _moved,
    pg.AT_SetNotNull: _required,
    pg.AT_AddConstraint: _constrained,
    pg.AT_ValidateConstraint: _validated,
}
