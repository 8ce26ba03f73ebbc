"""What a statement destroys of what the database has: tables, columns, rows, values. A `down` does
not bring them back."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from postgast import pg_query_pb2 as pg

from crossdock.sql.cascades import CASCADE, changed_columns, deleted_with, deletes
from crossdock.sql.present import Present, Size
from crossdock.sql.row_locks import executed
from crossdock.sql.rows import is_of_all
from crossdock.sql.shapes import always_null, definition, parts, type_of
from crossdock.sql.statement import Statement, dropped
from crossdock.sql.types import is_lossless


@dataclass(frozen=True, slots=True)
class Loss:
    """`kind` is `table`, `column`, `rows` or `values`; `size` is of the table. `how` says which rows, and why, where it
    is not all of them."""

    kind: str
    table: str
    column: str | None
    size: Size
    how: str = ""

    @property
    def words(self) -> str:
        """`the table books (about 200,000 rows)`, `books.note`, `every row of books (about 200,000 rows)`,
        `rows of books (of about 200,000 rows) that its WHERE names`, `what books.note holds in every row`."""
        if self.kind == "column":
            return f"{self.table}.{self.column}"
        if self.kind == "values":
            return f"what {self.table}.{self.column} holds in {self.how or 'every row'}"
        much = self.size.rows_in_words or self.size.bytes_in_words
        if self.how:
            return f"rows of {self.table} (of {much}) {self.how}"
        return f"{'the table' if self.kind == 'table' else 'every row of'} {self.table} ({much})"


@dataclass(frozen=True, slots=True)
class Lost:
    """A loss before it is known whether the table was there."""

    kind: str
    table: str
    column: str | None = None
    how: str = ""


NAMED = "that its WHERE names"
THE_ROWS = "the rows that its WHERE names"


def losses(statement: Statement, present: Present) -> Iterator[Loss]:
    """Of tables and columns that were there before the plan: what it makes itself, nobody misses."""
    rule = RULES.get(statement.kind, _changed)
    for lost in dict.fromkeys(rule(statement, present)):
        columns = present.columns.get(lost.table)
        if columns is not None and (lost.column is None or lost.column in columns):
            yield Loss(lost.kind, lost.table, lost.column, present.sizes[lost.table], lost.how)


def _dropped(statement: Statement, present: Present) -> Iterator[Lost]:
    """CASCADE takes the tables that inherit from it with it, and of a type every column that has it."""
    node = statement.node
    cascades = node.behavior == pg.DROP_CASCADE
    if node.remove_type == pg.OBJECT_TABLE:
        for name in dropped(statement):
            yield Lost("table", name)
            is_partitioned = name in present.known.family.partitioned
            below = present.known.family.below(name) if cascades and not is_partitioned else []
            yield from (Lost("table", each) for each in below)
    elif node.remove_type in (pg.OBJECT_TYPE, pg.OBJECT_DOMAIN) and cascades:
        names = {item.type_name.names[-1].string.sval for item in node.objects}
        for table, there in present.known.tables.items():
            yield from (Lost("column", table, name) for name, each in there.columns.items() if each.type in names)


def _emptied(statement: Statement, present: Present) -> Iterator[Lost]:
    """CASCADE empties every table that points at it, and those that point at them."""
    tables = [item.range_var.relname for item in statement.node.relations]
    for relation in (item.range_var for item in statement.node.relations):
        if relation.inh and relation.relname not in present.known.family.partitioned:
            tables += present.known.family.below(relation.relname)
    if statement.node.behavior == pg.DROP_CASCADE:
        for table in tables:  # grows while it is gone through
            tables += [key.table for key in present.keys if key.target == table and key.table not in tables]
    yield from (Lost("rows", table) for table in tables)


def _altered(statement: Statement, present: Present) -> Iterator[Lost]:
    name, family = statement.node.relation.relname, present.known.family
    has_children = statement.node.relation.inh and name not in family.partitioned
    tables = [name, *(family.below(name) if has_children else ())]
    for part in parts(statement, pg.AT_DropColumn):
        yield from (Lost("column", table, part.name) for table in tables)
    for part in parts(statement, pg.AT_AlterColumnType):
        if not is_lossless(present.known, name, part):
            kind = type_of(definition(part).column_def)[0]
            yield Lost("values", name, part.name, f"every row, where {kind} cannot hold it")


def _changed(statement: Statement, present: Present) -> Iterator[Lost]:
    for change in executed(statement):
        table, is_all = change.relation.relname, is_of_all(change)
        if deletes(change):
            yield Lost("rows", table, how="" if is_all else NAMED)
            yield from _followed(present, table)
        filled = always_null(change.where_clause) if isinstance(change, pg.UpdateStmt) else frozenset()
        for column in sorted(changed_columns(change) - filled):
            yield Lost("values", table, column, "" if is_all else THE_ROWS)


def _followed(present: Present, table: str) -> Iterator[Lost]:
    for follow in deleted_with(present.keys, table):
        key = follow.key
        if follow.action == CASCADE:
            yield Lost("rows", key.table, how=f"that point at rows of {key.target} ({key.name}: ON DELETE CASCADE)")
        else:
            for column in sorted(key.columns):
                yield Lost("values", key.table, column, f"rows that point at {key.target} ({key.name}: ON DELETE SET)")


RULES: Mapping[str, Callable[[Statement, Present], Iterator[Lost]]] = {
    "drop_stmt": _dropped,
    "truncate_stmt": _emptied,
    "alter_table_stmt": _altered,
}
