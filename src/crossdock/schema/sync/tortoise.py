"""Reads Tortoise's models: what they say of their columns, beside what PostgreSQL knows."""

import inspect
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from tortoise import Model as TortoiseModel
from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.data import JSON_DUMPS, JSON_LOADS, CharEnumFieldInstance, IntEnumFieldInstance

from crossdock.clock import now
from crossdock.schema.ownership import table_of
from crossdock.schema.sync.description import Default, Field, Link, Made, Model, Table, Value
from crossdock.schema.sync.kinds import BY_FIELD, ENUM_NUMBER, ENUM_TEXT, UnknownType, type_of

KNOWN: dict[type[Any], str] = {
    **{getattr(fields, name): name for name in BY_FIELD if not name.endswith("EnumField")},
    CharEnumFieldInstance: ENUM_TEXT.tortoise,
    IntEnumFieldInstance: ENUM_NUMBER.tortoise,
}
"""The very classes: one that derives from them may keep its values in another way."""


def read_model(model: type[TortoiseModel], module: str, tables: Mapping[str, Table]) -> Model:
    """A model that Tortoise has initialised, with its table. Raises UnknownType."""
    meta, table = model._meta, tables[table_of(model)]
    if meta.schema:
        raise UnknownType(f"{module}.{model.__name__} names the schema {meta.schema}: leave it to the search path.")
    found = [_field(name, field, f"{module}.{model.__name__}", table) for name, field in _fields(model)]
    first = [each for each in found if each.attribute == meta.pk_attr]
    return Model(
        name=model.__name__,
        table=table,
        fields=(*first, *(each for each in found if each not in first)),
        docstring=inspect.cleandoc(model.__doc__) if model.__doc__ else None,
        links=tuple(_links(model)),
    )


def through_tables(model: type[TortoiseModel]) -> Iterator[str]:
    """Of the many-to-many relations that a model declares."""
    for _, field in _many_to_many(model):
        yield field.through


def _fields(model: type[TortoiseModel]) -> Iterator[tuple[str, fields.Field[Any]]]:
    """In the order in which they were written: the column of a relation stands where the relation does."""
    meta = model._meta
    backing = {meta.fields_map[name].source_field for name in (*meta.fk_fields, *meta.o2o_fields)}
    for name, field in meta.fields_map.items():
        if name in meta.fk_fields or name in meta.o2o_fields:
            yield str(field.source_field), meta.fields_map[str(field.source_field)]
        elif name in meta.fields_db_projection and name not in backing:
            yield name, field


def _field(name: str, field: fields.Field[Any], where: str, table: Table) -> Field:
    column = table.columns[field.source_field or name]
    where = f"{where}.{name}: {type(field).__name__}"
    relation: Any = field.reference
    return Field(
        attribute=name,
        column=column.name,
        type=type_of(column.sql, where, *_said(field, where)),
        default=_default(field, where),
        relation=relation.model_field_name if relation else None,
        related_name=relation.related_name if relation else None,
    )


def _said(field: fields.Field[Any], where: str) -> tuple[Any, type[Enum] | None]:
    """The kind, None for an array, whose items PostgreSQL knows, and the enumeration."""
    if type(field) is ArrayField:
        return None, None
    known = KNOWN.get(type(field))
    if known is None:
        raise UnknownType(
            f"{where} is a field that `crossdock schema sync` does not know. Use one of the list in"
            " docs/moving-a-module.md, or write the other model of its table by hand."
        )
    if isinstance(field, fields.JSONField) and not (field.encoder is JSON_DUMPS and field.decoder is JSON_LOADS):
        raise UnknownType(f"{where} has an encoder or a decoder of its own, which the other ORM would not use.")
    return BY_FIELD[known], getattr(field, "enum_type", None)


def _default(field: fields.Field[Any], where: str) -> Default:
    if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
        if not isinstance(field, fields.DatetimeField):
            raise UnknownType(f"{where} has auto_now, which is known of a DatetimeField alone: set the value in code.")
        return Made(now, on_change=field.auto_now)
    if field.default is None or field.generated or isinstance(field.default, fields.Field):
        return None
    if field.default in ({}, []):
        return Made(type(field.default))  # a value of its own for each row
    return Made(field.default) if callable(field.default) else Value(field.default)


def _many_to_many(model: type[TortoiseModel]) -> Iterator[tuple[str, Any]]:
    for name in sorted(model._meta.m2m_fields):
        field: Any = model._meta.fields_map[name]
        if not field._generated:
            yield name, field


def _links(model: type[TortoiseModel]) -> Iterator[Link]:
    for name, field in _many_to_many(model):
        target = field.related_model
        if target.__module__ == model.__module__:
            yield Link(name, field.through, target.__name__, (field.backward_key, field.forward_key))
