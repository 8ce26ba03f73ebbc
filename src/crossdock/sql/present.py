"""The schema as a plan finds it, and as each of its statements would leave it: sizes, keys, columns, indexes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from postgast import pg_query_pb2 as pg

from crossdock.sql.known import Known
from crossdock.sql.shapes import constraints, definition, parts
from crossdock.sql.statement import TABLE_KINDS, Statement, dropped

UNITS = (("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10))
FOUND = "the database"
"""What `Known` takes for the revision that made what is there."""


@dataclass(frozen=True, slots=True)
class Size:
    """`rows` is PostgreSQL's estimate, None before the first ANALYZE; `bytes` are with the indexes."""

    rows: int | None
    bytes: int

    @property
    def rows_in_words(self) -> str:
        """Nothing where nobody has counted."""
        return "" if self.rows is None else f"about {self.rows:,} rows"

    @property
    def bytes_in_words(self) -> str:
        for unit, size in UNITS:
            if self.bytes >= size:
                return f"{self.bytes / size:,.1f} {unit}"
        return f"{self.bytes} bytes"

    @property
    def words(self) -> str:
        return ", ".join(filter(None, (self.rows_in_words, self.bytes_in_words)))


@dataclass(frozen=True, slots=True)
class Key:
    """A foreign key of a table. `index` is the target's, by which it finds the rows; one that the plan adds finds
    them by what is not looked up here. `on_delete` and `on_update` are letters, as in pg_constraint."""

    name: str
    table: str
    columns: frozenset[str]
    target: str
    target_columns: frozenset[str]
    index: str = ""
    on_delete: str = "a"
    on_update: str = "a"


@dataclass
class Present:
    """`sizes` and `columns` are of what the database has, `made` what the plan has made so far, `known` all of it.

    `sequences` are (table, column, sequence), `statistics` name → table, `reads` view → what it reads, of which those
    in `materialised` hold the rows themselves. `functions` are those of this schema, which somebody wrote.
    """

    sizes: dict[str, Size]
    columns: dict[str, set[str]]
    keys: set[Key]
    known: Known
    made: set[str] = field(default_factory=set)
    sequences: set[tuple[str, str, str]] = field(default_factory=set)
    statistics: dict[str, str] = field(default_factory=dict)
    reads: dict[str, set[str]] = field(default_factory=dict)
    materialised: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)
    schema: str = "public"

    def read_by(self, view: str) -> set[str]:
        """The tables that a view reads, those of views that it reads among them."""
        found = set[str]()
        for name in self.reads.get(view, ()):
            is_view = name in self.reads and name not in self.materialised
            found |= {name} | (self.read_by(name) if is_view else set())
        return found

    def with_domain(self, name: str) -> Iterator[str]:
        """The tables that have rows with a column of a domain, or of one that is made from it."""
        for table, there in self.known.tables.items():
            kinds = (each.type.removesuffix("[]") for each in there.columns.values())
            if table not in self.known.family.partitioned and any(self._is_made_from(kind, name) for kind in kinds):
                yield table

    def _is_made_from(self, kind: str, name: str) -> bool:
        domain = self.known.domains.get(kind)
        return domain is not None and (kind == name or self._is_made_from(domain.base.type, name))

    def is_made(self, name: str) -> bool:
        """By the plan: nobody else has seen it."""
        return name in self.made and name not in self.sizes

    def learn(self, statement: Statement, revision: str) -> None:
        """Takes in what a statement does."""
        self.known.learn(statement, revision)
        self.made |= {name for name, table in self.known.tables.items() if table.made_in != FOUND}
        rule = LEARN.get(statement.kind)
        if rule is not None:
            rule(self, statement)


def _create(present: Present, statement: Statement) -> None:
    name = statement.node.relation.relname
    for item in statement.node.table_elts:
        if item.WhichOneof("node") == "column_def":
            present.keys |= set(_column_keys(name, item.column_def))
        elif item.WhichOneof("node") == "constraint":
            present.keys |= set(_keys(name, item.constraint))


def _alter(present: Present, statement: Statement) -> None:
    name = statement.node.relation.relname
    for part in parts(statement):
        if part.subtype == pg.AT_AddColumn:
            present.keys |= set(_column_keys(name, definition(part).column_def))
        elif part.subtype == pg.AT_AddConstraint:
            present.keys |= set(_keys(name, definition(part).constraint))
        elif part.subtype == pg.AT_DropConstraint:
            present.keys = {key for key in present.keys if (key.table, key.name) != (name, part.name)}
        elif part.subtype == pg.AT_DropColumn:
            present.columns.get(name, set()).discard(part.name)
            present.keys = {key for key in present.keys if not (key.table == name and part.name in key.columns)}


def _column_keys(table: str, column: Any) -> Iterator[Key]:
    for constraint in constraints(column, pg.CONSTR_FOREIGN):
        yield from _keys(table, constraint, column.colname)


def _keys(table: str, constraint: Any, *columns: str) -> Iterator[Key]:
    """Without a name of its own PostgreSQL calls it after its columns."""
    if constraint.contype == pg.CONSTR_FOREIGN:
        columns = columns or tuple(item.string.sval for item in constraint.fk_attrs)
        targets = frozenset(item.string.sval for item in constraint.pk_attrs)
        name = constraint.conname or "_".join([table, *columns, "fkey"])
        actions = constraint.fk_del_action or "a", constraint.fk_upd_action or "a"
        yield Key(name, table, frozenset(columns), constraint.pktable.relname, targets, "", *actions)


def _drop(present: Present, statement: Statement) -> None:
    if statement.node.remove_type in TABLE_KINDS | {pg.OBJECT_SEQUENCE}:
        gone = set(dropped(statement))
        present.keys = {key for key in present.keys if not {key.table, key.target} & gone}
        for name in gone:
            present.sizes.pop(name, None)
            present.columns.pop(name, None)


def _view(present: Present, statement: Statement) -> None:
    present.made.add(statement.node.view.relname)


def _rename(present: Present, statement: Statement) -> None:
    node, old = statement.node, statement.node.relation.relname
    if node.rename_type == pg.OBJECT_COLUMN and node.subname in present.columns.get(old, ()):
        present.columns[old] = present.columns[old] - {node.subname} | {node.newname}
    elif node.rename_type == pg.OBJECT_TABCONSTRAINT:
        present.keys = {_renamed(key, old, node.subname, node.newname) for key in present.keys}
    elif node.rename_type in TABLE_KINDS and old in present.sizes:
        _rename_table(present, old, node.newname)


def _renamed(key: Key, table: str, old: str, new: str) -> Key:
    return replace(key, name=new) if (key.table, key.name) == (table, old) else key


def _rename_table(present: Present, old: str, new: str) -> None:
    present.sizes[new] = present.sizes.pop(old)
    present.columns[new] = present.columns.pop(old, set())
    present.known.indexes = {name: new if on == old else on for name, on in present.known.indexes.items()}
    present.keys = {
        replace(key, table=new if key.table == old else key.table, target=new if key.target == old else key.target)
        for key in present.keys
    }


LEARN: dict[str, Callable[[Present, Statement], None]] = {
    "create_stmt": _create,
    "alter_table_stmt": _alter,
    "drop_stmt": _drop,
    "rename_stmt": _rename,
    "view_stmt": _view,
}
