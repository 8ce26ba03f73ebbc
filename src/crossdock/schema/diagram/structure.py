"""What a diagram shows: modules with their tables, the columns of these, and the foreign keys between them."""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from crossdock.registry import Orm


@dataclass(frozen=True, slots=True)
class Column:
    """`type` is PostgreSQL's, as in `varchar(20)`. `primary_key`: alone or with others."""

    name: str
    type: str
    nullable: bool
    primary_key: bool


@dataclass(frozen=True, slots=True)
class Relation:
    """A foreign key. `on_delete` is SQL, as in `SET NULL`. `optional`: a row may refer to nothing. `single`: at most
    one row refers to a row of the target, since these columns are unique."""

    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    on_delete: str
    optional: bool
    single: bool

    @property
    def cardinality(self) -> str:
        """From this table to the target, as in `many to zero or one`."""
        return f"{'zero or one' if self.single else 'many'} to {'zero or one' if self.optional else 'one'}"


@dataclass(frozen=True, slots=True)
class Table:
    """`migrated_by` is the tool. `left_out` is how many columns are not drawn."""

    name: str
    migrated_by: str
    columns: tuple[Column, ...]
    relations: tuple[Relation, ...] = ()
    left_out: int = 0

    def of_columns(self, names: Collection[str]) -> "Table":
        """With the primary key and the columns that are named."""
        drawn = tuple(column for column in self.columns if column.primary_key or column.name in names)
        return replace(self, columns=drawn, left_out=self.left_out + len(self.columns) - len(drawn))


@dataclass(frozen=True, slots=True)
class Part:
    """One module's tables. `orm` holds the truth. `number` is the module's place among all of the application."""

    module: str
    orm: Orm
    summary: str
    tables: tuple[Table, ...]
    number: int = 0

    @property
    def owner(self) -> str:
        """Which ORM holds the truth, and which tools migrate."""
        tools = [*dict.fromkeys(table.migrated_by for table in self.tables)]
        migrating = f"{tools[0]} migrates" if len(tools) == 1 else f"{' and '.join(tools)} migrate"
        return f"{ORM_NAMES[self.orm]} holds the truth, {migrating}"


@dataclass(frozen=True, slots=True)
class Diagram:
    """The parts in the order in which the registry has them."""

    application: str
    parts: tuple[Part, ...]

    @property
    def title(self) -> str:
        return f"The tables of {self.application}, by module"

    @property
    def description(self) -> str:
        """In words, for whoever does not see the picture."""
        return " ".join(f"{part.module} ({part.owner}): {_listed(part)}." for part in self.parts) or "No tables."

    def tables(self) -> Iterator[Table]:
        for part in self.parts:
            yield from part.tables

    def relations(self) -> Iterator[tuple[Table, Relation]]:
        """Each drawn foreign key with its table. A key that leads to a table outside of the diagram is not drawn."""
        drawn = {table.name for table in self.tables()}
        for table in self.tables():
            yield from ((table, relation) for relation in table.relations if relation.target in drawn)

    def of(self, modules: Collection[str]) -> "Diagram":
        """Some modules, and of the tables that they refer to, the columns that are referred to."""
        wanted = [part for part in self.parts if part.module in modules]
        targets: dict[str, set[str]] = {}
        for relation in (relation for part in wanted for table in part.tables for relation in table.relations):
            targets.setdefault(relation.target, set()).update(relation.target_columns)
        parts = (part if part in wanted else _referred_to(part, targets) for part in self.parts)
        return replace(self, parts=tuple(part for part in parts if part.tables))

    def of_keys(self) -> "Diagram":
        """The same tables with the columns of primary and foreign keys alone."""
        return replace(self, parts=tuple(map(_of_keys, self.parts)))

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        return {"application": self.application, "modules": [_part_as_json(part) for part in self.parts]}


ORM_NAMES = {Orm.TORTOISE: "Tortoise", Orm.SQLALCHEMY: "SQLAlchemy"}


def _listed(part: Part) -> str:
    return ", ".join(table.name for table in part.tables)


def _referred_to(part: Part, targets: dict[str, set[str]]) -> Part:
    tables = (table.of_columns(targets[table.name]) for table in part.tables if table.name in targets)
    return replace(part, tables=tuple(replace(table, relations=()) for table in tables))


def _of_keys(part: Part) -> Part:
    tables = (
        table.of_columns({name for relation in table.relations for name in relation.columns}) for table in part.tables
    )
    return replace(part, tables=tuple(tables))


def _part_as_json(part: Part) -> dict[str, Any]:
    tables = [_table_as_json(table) for table in part.tables]
    return {"name": part.module, "orm": part.orm.value, "summary": part.summary, "tables": tables}


def _table_as_json(table: Table) -> dict[str, Any]:
    relations = [asdict(relation) | {"cardinality": relation.cardinality} for relation in table.relations]
    return asdict(table) | {"relations": relations}
