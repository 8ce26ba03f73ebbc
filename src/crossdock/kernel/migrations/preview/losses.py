"""What a statement destroys of what the database has: tables, columns, rows. A way back does not bring them back."""

from collections.abc import Iterator
from dataclasses import dataclass

from postgast import pg_query_pb2 as pg

from crossdock.kernel.migrations.lint.shapes import parts
from crossdock.kernel.migrations.preview.present import Present, Size
from crossdock.kernel.migrations.statement import Statement, dropped


@dataclass(frozen=True, slots=True)
class Loss:
    """`kind` is `table`, `column` or `rows`; `size` is of the table."""

    kind: str
    table: str
    column: str | None
    size: Size

    @property
    def words(self) -> str:
        """`the table bids (about 200,000 rows)`, `bids.note`, `every row of bids (about 200,000 rows)`."""
        if self.kind == "column":
            return f"{self.table}.{self.column}"
        much = self.size.rows_in_words or self.size.bytes_in_words
        return f"{'the table' if self.kind == 'table' else 'every row of'} {self.table} ({much})"


def losses(statement: Statement, present: Present) -> Iterator[Loss]:
    """Of tables and columns that were there before the plan: what it makes itself, nobody misses."""
    for kind, table, column in _destroyed(statement):
        columns = present.columns.get(table)
        if columns is not None and (column is None or column in columns):
            yield Loss(kind, table, column, present.sizes[table])


def _destroyed(statement: Statement) -> Iterator[tuple[str, str, str | None]]:
    node = statement.node
    if statement.kind == "drop_stmt" and node.remove_type == pg.OBJECT_TABLE:
        yield from (("table", name, None) for name in dropped(statement))
    elif statement.kind == "truncate_stmt":
        yield from (("rows", item.range_var.relname, None) for item in node.relations)
    elif statement.kind == "delete_stmt" and not node.HasField("where_clause") and not node.using_clause:
        yield "rows", node.relation.relname, None
    for part in parts(statement, pg.AT_DropColumn):
        yield "column", node.relation.relname, part.name
