"""Reads what a diagram shows from the DDL that each ORM makes of its models. No database is asked."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from postgast import pg_query_pb2 as pg

from crossdock.registry import Module, Orm, Registry
from crossdock.registry.registry import SHARED
from crossdock.schema.diagram.structure import Column, Diagram, Part, Relation, Table
from crossdock.schema.expected import NOWHERE, sqlalchemy_sql, tortoise_sql
from crossdock.schema.ownership import check_ownership
from crossdock.sql.shapes import SERIALS, definition, parts, type_of
from crossdock.sql.statement import statements

ON_DELETE = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
"""libpg_query's letter for what happens to the referring rows → SQL."""

IN_WORDS = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float4": "real",
    "float8": "double precision",
    "bool": "boolean",
    "bpchar": "char",
    "smallserial": "smallint",
    "serial": "integer",
    "bigserial": "bigint",
}
"""The parser's name of a type → the one that people write. A serial column is an integer with a default."""


async def read(registry: Registry) -> Diagram:
    """Every module with tables, and the library's own tables last. A table is as the ORM that migrates it says.

    Raises Misowned where manifests and models do not agree.
    """
    check_ownership(registry)
    made = {
        Orm.TORTOISE: tables_of(await tortoise_sql(NOWHERE, registry)),
        Orm.SQLALCHEMY: tables_of(sqlalchemy_sql(registry)),
    }
    drawn = (module for module in (*registry, SHARED) if module.tables)
    parts = (_part(number, module, made) for number, module in enumerate(drawn))
    return Diagram(registry.application.name, tuple(parts))


def _part(number: int, module: Module, made: dict[Orm, dict[str, "Made"]]) -> Part:
    tables = []
    for name in module.tables:
        orm = module.tool_of(name)
        tables.append(made[orm][name].described(name, orm.tool, made[orm]))
    return Part(module.name, module.orm, module.summary, tuple(tables), number)


@dataclass
class Made:
    """A table as its DDL makes it. `unique` are the sets of columns of which no two rows have the same values, the
    primary key among them; `foreign` are foreign keys with their columns."""

    types: dict[str, str] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    key: tuple[str, ...] = ()
    unique: list[set[str]] = field(default_factory=list)
    foreign: list[tuple[tuple[str, ...], Any]] = field(default_factory=list)

    def learn(self, constraint: Any, column: str | None = None) -> None:
        """Takes in a constraint of the table, or of a column of it."""
        columns = (column,) if column else _names(constraint.keys)
        if constraint.contype in (pg.CONSTR_NOTNULL, pg.CONSTR_IDENTITY):
            self.required.update(columns)
        elif constraint.contype == pg.CONSTR_PRIMARY:
            self.key = columns
            self.required.update(columns)
            self.unique.append(set(columns))
        elif constraint.contype == pg.CONSTR_UNIQUE:
            self.unique.append(set(columns))
        elif constraint.contype == pg.CONSTR_FOREIGN:
            self.foreign.append(((column,) if column else _names(constraint.fk_attrs), constraint))

    def described(self, name: str, tool: str, others: dict[str, "Made"]) -> Table:
        """The primary key comes first, wherever the DDL has it."""
        ordered = sorted(self.types.items(), key=lambda column: column[0] not in self.key)
        columns = (Column(name, kind, name not in self.required, name in self.key) for name, kind in ordered)
        return Table(name, tool, tuple(columns), tuple(self._relations(others)))

    def _relations(self, others: dict[str, "Made"]) -> Iterator[Relation]:
        for columns, constraint in self.foreign:
            target = constraint.pktable.relname
            # REFERENCES without columns means the primary key; a table of the other ORM has its key spelled out.
            referred = _names(constraint.pk_attrs) or (others[target].key if target in others else ())
            yield Relation(
                columns,
                target,
                referred,
                ON_DELETE[constraint.fk_del_action or "a"],
                optional=not self.required.issuperset(columns),
                single=any(unique.issubset(columns) for unique in self.unique),
            )


def tables_of(sql: str) -> dict[str, Made]:
    """Table → what a script of DDL makes it."""
    found: dict[str, Made] = {}
    for statement in statements(sql):
        node = statement.node
        if statement.kind == "create_stmt":
            found[node.relation.relname] = _created(node)
        elif statement.kind == "index_stmt" and node.unique and not node.HasField("where_clause"):
            names = {item.index_elem.name for item in node.index_params}
            if all(names):  # an expression has no name, and says nothing of a single column
                found[node.relation.relname].unique.append(names)
        # SQLAlchemy adds the foreign keys of tables that refer to each other afterwards.
        for part in parts(statement, pg.AT_AddConstraint):
            found[node.relation.relname].learn(definition(part).constraint)
    return found


def _created(node: Any) -> Made:
    made = Made()
    for item in node.table_elts:
        if item.WhichOneof("node") == "constraint":
            made.learn(item.constraint)
            continue
        column = item.column_def
        made.types[column.colname] = _type(column)
        if type_of(column)[0] in SERIALS:
            made.required.add(column.colname)
        for each in column.constraints:
            made.learn(each.constraint, column.colname)
    return made


def _type(column: Any) -> str:
    name, size = type_of(column)
    base = name.removesuffix("[]")
    sized = f"({','.join(map(str, size))})" if size else ""
    return f"{IN_WORDS.get(base, base)}{sized}{'[]' if name != base else ''}"


def _names(items: Any) -> tuple[str, ...]:
    return tuple(item.string.sval for item in items)
