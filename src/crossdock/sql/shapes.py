"""Parts of a parse tree that more than one rule asks for: columns, their defaults, and what a CHECK says of NULL."""

from collections.abc import Iterator
from typing import Any

import postgast
from postgast import pg_query_pb2 as pg

from crossdock.sql.locks import locks_of
from crossdock.sql.row_locks import executed
from crossdock.sql.statement import Statement

SERIALS = {"serial", "serial4", "bigserial", "serial8", "smallserial", "serial2"}


def parts(statement: Statement, *kinds: int) -> Iterator[Any]:
    """The parts of an ALTER TABLE, in their order; those of some kinds when they are named."""
    if statement.kind == "alter_table_stmt":
        for item in statement.node.cmds:
            if not kinds or item.alter_table_cmd.subtype in kinds:
                yield item.alter_table_cmd


def definition(part: Any) -> Any:
    """What a part of an ALTER TABLE defines: its field is called `def`, which Python cannot say."""
    return getattr(part, "def")


def type_of(column: Any) -> tuple[str, tuple[int, ...]]:
    """PostgreSQL's own name of a column's type, with [] for an array, and what stands in its parentheses."""
    name = column.type_name.names[-1].string.sval + ("[]" if column.type_name.array_bounds else "")
    return name, tuple(item.a_const.ival.ival for item in column.type_name.typmods)


def constraints(column: Any, *kinds: int) -> Iterator[Any]:
    for item in column.constraints:
        if item.constraint.contype in kinds:
            yield item.constraint


def functions(expression: Any) -> set[str]:
    """The names of the functions that an expression calls."""
    return {node.funcname[-1].string.sval for _, node in postgast.walk(expression) if isinstance(node, pg.FuncCall)}


def columns_of(expression: Any) -> frozenset[str]:
    """The columns that an expression reads."""
    named = (node.fields for _, node in postgast.walk(expression) if isinstance(node, pg.ColumnRef))
    return frozenset(fields[-1].string.sval for fields in named)


def kept_from_null(expression: Any) -> frozenset[str]:
    """The columns that a CHECK keeps from being NULL: `a IS NOT NULL`, also with AND between several."""
    kind = expression.WhichOneof("node")
    if kind == "null_test" and expression.null_test.nulltesttype == pg.IS_NOT_NULL:
        fields = expression.null_test.arg.column_ref.fields
        return frozenset([fields[-1].string.sval]) if fields else frozenset()
    if kind == "bool_expr" and expression.bool_expr.boolop == pg.AND_EXPR:
        return frozenset().union(*(kept_from_null(each) for each in expression.bool_expr.args))
    return frozenset()


def always_null(condition: Any) -> frozenset[str]:
    """The columns that are NULL in every row of a WHERE: `a IS NULL`, also with AND between several."""
    kind = condition.WhichOneof("node")
    if kind == "null_test" and condition.null_test.nulltesttype == pg.IS_NULL:
        fields = condition.null_test.arg.column_ref.fields
        return frozenset([fields[-1].string.sval]) if fields else frozenset()
    if kind == "bool_expr" and condition.bool_expr.boolop == pg.AND_EXPR:
        return frozenset().union(*(always_null(each) for each in condition.bool_expr.args))
    return frozenset()


def made_tables(statement: Statement) -> Iterator[str]:
    """The lasting tables that a statement makes, and materialised views."""
    yield from (relation.relname for relation in made(statement) if relation.relpersistence != "t")


def made(statement: Statement) -> Iterator[Any]:
    """The tables and materialised views that a statement makes, temporary ones among them, with their persistence."""
    into = None
    if statement.kind == "create_stmt":
        into = statement.node.relation
    elif statement.kind == "create_table_as_stmt":
        into = statement.node.into.rel
    elif statement.kind == "select_stmt" and statement.node.HasField("into_clause"):
        into = statement.node.into_clause.rel
    if into is not None:
        yield into


def acted_on(statement: Statement) -> set[str]:
    """The tables, and indexes, that a statement changes or locks: not those that a key points at or a policy reads."""
    node = statement.node
    if statement.kind == "grant_stmt":
        return {item.range_var.relname for item in node.objects if item.WhichOneof("node") == "range_var"}
    changed = {change.relation.relname for change in executed(statement)}
    if changed:
        return changed
    fields = node.DESCRIPTOR.fields_by_name
    for name in ("relation", "table"):
        if name in fields and fields[name].message_type is not None and node.HasField(name):
            return {getattr(node, name).relname}
    made = set(made_tables(statement))
    return made or {lock.table for lock in locks_of(statement) if statement.kind != "select_stmt"}
