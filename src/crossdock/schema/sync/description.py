"""One description of a module's tables, whichever ORM it came from: what PostgreSQL has, and what only a model says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crossdock.schema.sync.kinds import Type


@dataclass(frozen=True, slots=True)
class Column:
    """Of a table, as the catalogue has it. `default` is SQL, of the model and not of the live table: aerich gives a
    column that it adds the default of Python's, which the model does not ask for."""

    name: str
    sql: str
    nullable: bool
    comment: str | None
    default: str | None = None
    is_serial: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """The primary key, or a unique constraint."""

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """`on_delete` and `on_update` are SQL, empty for NO ACTION. `target_type` is the type of the column it leads to."""

    name: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    target_type: str
    on_delete: str
    on_update: str
    is_deferrable: bool
    is_deferred: bool


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class IndexKey:
    """A column, or an expression, and how an index sorts it: `DESC`, `NULLS FIRST`, the name of an operator class."""

    sql: str
    is_expression: bool
    order: str
    operators: str | None


@dataclass(frozen=True, slots=True)
class Index:
    name: str
    keys: tuple[IndexKey, ...]
    is_unique: bool
    method: str
    where: str | None
    included: tuple[str, ...]
    nulls_not_distinct: bool
    sql: str
    """Its whole definition."""

    @property
    def columns(self) -> tuple[str, ...]:
        """As SQL of each key, with its order."""
        return tuple(" ".join(filter(None, (key.sql, key.order))) for key in self.keys)

    @property
    def is_plain(self) -> bool:
        """Of columns alone, in the usual order."""
        odd = any(key.is_expression or key.order or key.operators for key in self.keys)
        return not (odd or self.included or self.nulls_not_distinct)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the database, with the exact names of all that hangs on it. `is_target` says whether a foreign key of
    another module's table leads to it."""

    name: str
    columns: dict[str, Column]
    comment: str | None = None
    primary_key: Key | None = None
    uniques: tuple[Key, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    indexes: tuple[Index, ...] = ()
    is_target: bool = False

    def foreign_key(self, column: str) -> ForeignKey | None:
        """The one that consists of this column alone."""
        return next((key for key in self.foreign_keys if key.columns == (column,)), None)


@dataclass(frozen=True, slots=True)
class Value:
    """A default that is the same for every row."""

    value: Any


@dataclass(frozen=True, slots=True)
class Made:
    """A default that a function makes for each row, and makes again at each change where `on_change` is set."""

    function: Callable[..., Any]
    on_change: bool = False


Default = Value | Made | None


@dataclass(frozen=True, slots=True)
class Field:
    """What a model says of a column. `relation` is the name of Tortoise's relation that the column belongs to."""

    attribute: str
    column: str
    type: Type
    default: Default = None
    relation: str | None = None
    related_name: str | bool | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A many-to-many relation to another model of the module, and the table that holds it."""

    attribute: str
    table: str
    target: str
    columns: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Model:
    """A class and its table. A table of a many-to-many relation has no class: its `name` is empty."""

    name: str
    table: Table
    fields: tuple[Field, ...]
    docstring: str | None = None
    links: tuple[Link, ...] = field(default=())

    def field(self, column: str) -> Field:
        return next(each for each in self.fields if each.column == column)
