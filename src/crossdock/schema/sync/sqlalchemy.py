"""Reads SQLAlchemy's mapped classes: what they say of their columns, beside what PostgreSQL knows."""

import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any

import sqlalchemy
from sqlalchemy import CheckConstraint, TypeDecorator
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapper, RelationshipProperty

from crossdock.models.types import EnumNumber, Microseconds
from crossdock.schema.sync.description import Default, Field, Link, Made, Model, Table, Value
from crossdock.schema.sync.kinds import DURATION, ENUM_NUMBER, ENUM_TEXT, Kind, Type, UnknownType, type_of

PREPARER = postgresql.dialect().identifier_preparer  # type: ignore[no-untyped-call]


def read_class(mapped: type[Any], module: str, tables: Mapping[str, Table]) -> Model:
    """A mapped class, with its table. Raises UnknownType."""
    mapper: Mapper[Any] = sqlalchemy.inspect(mapped)
    described: Any = mapper.local_table
    where = f"{module}.{mapped.__name__}"
    if described.schema:
        raise UnknownType(f"{where} names the schema {described.schema}: leave it to the search path.")
    checks = {PREPARER.format_constraint(each) for each in described.constraints if isinstance(each, CheckConstraint)}
    table = tables[described.name]
    own = tuple(check for check in table.checks if PREPARER.quote(check.name) in checks)
    docstring = vars(mapped).get("__doc__")
    return Model(
        name=mapped.__name__,
        table=replace(table, checks=own),
        fields=tuple(_field(mapper, column, where, table) for column in _key_first(described.columns)),
        docstring=inspect.cleandoc(docstring) if docstring else None,
        links=tuple(_links(mapper, module)),
    )


def _key_first(columns: Iterable[Any]) -> list[Any]:
    """In the order of the table otherwise: a key of a mixin comes last there."""
    return sorted(columns, key=lambda column: not column.primary_key)


def _field(mapper: Mapper[Any], column: Any, where: str, table: Table) -> Field:
    attribute = mapper.get_property_by_column(column).key
    where = f"{where}.{attribute}: {type(column.type).__name__}"
    return Field(
        attribute=attribute,
        column=column.name,
        type=_type(column.type, table.columns[column.name].sql, where),
        default=_default(column, where),
    )


def _type(of: Any, sql: str, where: str) -> Type:
    kind, enum = _said(of, where)
    found = type_of(sql, where, kind, enum)
    item = of.item_type if isinstance(of, sqlalchemy.ARRAY) else of
    if kind is None and found.kind.sql != "jsonb" and item.python_type is not found.kind.python:
        raise UnknownType(f"{where} gives {item.python_type.__name__}, and Tortoise {found.kind.python.__name__}.")
    return found


def _said(of: Any, where: str) -> tuple[Kind | None, type[Enum] | None]:
    """The kind and the enumeration, where PostgreSQL's type does not say which."""
    if type(of) is Microseconds:
        return DURATION, None
    if type(of) is EnumNumber:
        return ENUM_NUMBER, of.enum
    if isinstance(of, TypeDecorator):
        raise UnknownType(
            f"{where} is a type of its own, of which Tortoise knows nothing. Use one of the list in"
            " docs/moving-a-module.md, or write the other model of its table by hand."
        )
    if not isinstance(of, sqlalchemy.Enum) or of.native_enum:
        return None, None
    if of.enum_class is None or of.enums != [str(member.value) for member in of.enum_class]:
        raise UnknownType(f"{where} keeps names, and Tortoise an enumeration's values: use crossdock's `enum_text`.")
    return ENUM_TEXT, of.enum_class


def _default(column: Any, where: str) -> Default:
    default = _made(column.default, where)
    if column.onupdate is None:
        return default
    if not isinstance(default, Made) or _made(column.onupdate, where) != default:
        raise UnknownType(f"{where} has an `onupdate` that is not its default: Tortoise has auto_now alone.")
    return Made(default.function, on_change=True)


def _made(default: Any, where: str) -> Default:
    if default is None:
        return None
    if default.is_scalar:
        return Value(default.arg)
    function = getattr(default.arg, "__wrapped__", None) if default.is_callable else None
    if function is None:
        raise UnknownType(f"{where} has a default that needs SQLAlchemy: a constant, or a function of no arguments.")
    return Made(function)


def _links(mapper: Mapper[Any], module: str) -> Iterator[Link]:
    """Each relation once: of two that are each other's other side, the one of the first class by name."""
    relation: RelationshipProperty[Any]
    for relation in mapper.relationships:
        target, secondary = relation.mapper.class_, relation.secondary
        names = (mapper.class_.__name__, relation.key), (target.__name__, relation.back_populates or "")
        if secondary is None or (relation.back_populates and names[0] > names[1]):
            continue
        backward, forward = ([remote.name for _, remote in pairs] for pairs in _pairs(relation))
        if target.__module__ == mapper.class_.__module__ and len(backward) == len(forward) == 1:
            yield Link(relation.key, getattr(secondary, "name", ""), target.__name__, (backward[0], forward[0]))


def _pairs(relation: RelationshipProperty[Any]) -> tuple[Any, Any]:
    return relation.synchronize_pairs, relation.secondary_synchronize_pairs or []
