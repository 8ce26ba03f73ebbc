"""A schema and the columns that it is made of, as one SQL expression: the text of a JSON object."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Column, ColumnElement, FromClause, Select, SQLColumnExpression, Text, case, func, inspect, select
from sqlalchemy.orm import Mapper
from sqlalchemy.sql import coercions, roles

from crossdock.documents.errors import CannotCompile
from crossdock.documents.fields import Field, Fields, Part, Row, Rows, Source
from crossdock.documents.rules import NoRule, word, write
from crossdock.documents.schema import Member, members

Piece = str | ColumnElement[Any]
"""What an object's text is put together from: JSON as it stands, or an expression that makes some."""

ARGUMENTS_MAX = 100
"""As many PostgreSQL's functions take."""


@dataclass(slots=True)
class Scope:
    """One SELECT: where its attributes come from, and what is joined to it on the way."""

    source: Source
    joins: list[tuple[Source, ColumnElement[bool], bool]] = field(default_factory=list)
    """What, on which condition, and whether the row may be missing."""

    def select(self, *columns: ColumnElement[Any], tables: Any = None) -> Select[Any]:
        """`tables` where it is more than the source."""
        query = select(*columns).select_from(self.source if tables is None else tables)
        for joined, on, may_be_missing in self.joins:
            query = query.join(joined, on, isouter=may_be_missing)
        return query


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object stands in a SELECT. `source` has the attributes of the fields that are not declared; a part has
    none. `guarded` is the row whose absence makes the whole object null, where it may be absent; `has_condition`: so
    does a condition of the author's, who answers for what is NULL besides."""

    scope: Scope
    source: Source | None
    guarded: Source | None = None
    has_condition: bool = False

    def is_sure_of(self, column: Column[Any]) -> bool:
        """Is it certain that the column's row is there?"""
        inner = [joined for joined, _, may_be_missing in self.scope.joins if not may_be_missing]
        there = [self.scope.source, *inner, *([] if self.guarded is None else [self.guarded])]
        return column.table in {table_of(source) for source in there}


def object_of(schema: type[BaseModel], fields: Fields, scope: Scope) -> ColumnElement[str]:
    """The JSON of one thing. Raises CannotCompile."""
    return concatenated(_object(schema, fields, Place(scope, scope.source)))


def concatenated(pieces: Sequence[Piece]) -> ColumnElement[str]:
    """One `concat`, or as many as its limit of arguments asks for."""
    arguments: list[ColumnElement[Any]] = []
    text = ""
    for piece in [*pieces, ""]:
        if isinstance(piece, str):
            text += piece
            continue
        arguments += [word(text), piece] if text else [piece]
        text = ""
    if text:
        arguments.append(word(text))
    while len(arguments) > ARGUMENTS_MAX:
        starts = range(0, len(arguments), ARGUMENTS_MAX)
        arguments = [func.concat(*arguments[start : start + ARGUMENTS_MAX]) for start in starts]
    return func.concat(*arguments, type_=Text)


def _object(schema: type[BaseModel], fields: Fields, place: Place) -> list[Piece]:
    promised = members(schema)
    for name in fields.keys() - {member.name for member in promised}:
        raise CannotCompile(f"{schema.__name__}.{name}", "it is declared, and the schema has no such field")
    pieces: list[Piece] = []
    for member in promised:
        pieces += ["," if pieces else "{", f"{json.dumps(member.key)}:"]
        pieces += _value(member, fields.get(member.name), place, schema.model_config)
    return [*pieces, "}"] if pieces else ["{}"]


def _value(member: Member, declared: Field | None, place: Place, config: ConfigDict) -> list[Piece]:
    match declared:
        case Part():
            return _part(member, declared, place)
        case Row():
            return _row(member, declared, place)
        case Rows():
            return [_rows(member, declared)]
    if member.kind.model is not None:
        raise CannotCompile(member.path, "say of what it is made: part(...), money(...), row(...) or rows(...)")
    column = _attribute(member, place.source) if declared is None else _expression(declared)
    return _scalar(member, column, place, config)


def _scalar(member: Member, column: ColumnElement[Any], place: Place, config: ConfigDict) -> list[Piece]:
    try:
        written = write(member.kind, column, config)
    except NoRule as error:
        raise CannotCompile(member.path, str(error)) from None
    if not isinstance(column, Column):  # an expression: whether it can be NULL is not known
        return [written.or_null]
    if column.nullable and not member.kind.optional and not place.has_condition:
        raise CannotCompile(member.path, f"the schema says that it is there, and {column} may be NULL")
    return written.pieces if not column.nullable and place.is_sure_of(column) else [written.or_null]


def _attribute(member: Member, source: Source | None) -> ColumnElement[Any]:
    if member.is_computed:
        raise CannotCompile(member.path, "it is computed in Python: declare an SQL expression for it")
    if source is None:
        raise CannotCompile(member.path, "the part does not say of what it is made")
    seen: Any = inspect(source)
    mapper: Mapper[Any] | None = getattr(seen, "mapper", None)
    names = mapper.column_attrs.keys() if mapper is not None else seen.c.keys()
    if member.name not in names:
        what = mapper.class_.__name__ if mapper is not None else str(seen)
        raise CannotCompile(member.path, f"{what} has no attribute of this name: declare of what it is made")
    return _expression(getattr(source, member.name) if mapper is not None else seen.c[member.name])


def _expression(declared: SQLColumnExpression[Any]) -> ColumnElement[Any]:
    """The column itself, where a mapped attribute stands for it."""
    element: ColumnElement[Any] = coercions.expect(roles.ExpressionElementRole, declared)
    return element


def _part(member: Member, part: Part, place: Place) -> list[Piece]:
    has_condition = place.has_condition or (member.kind.optional and part.condition is not None)
    pieces = _object(_model(member), part.fields, replace(place, source=None, has_condition=has_condition))
    if not member.kind.optional:
        return pieces
    if part.condition is None:
        raise CannotCompile(member.path, "it may be null: say when it is there, with part(...).when(...)")
    return [_where_there(part.condition, pieces)]


def _row(member: Member, row: Row, place: Place) -> list[Piece]:
    scope, table = place.scope, table_of(row.of)
    if any(table is table_of(each) for each in (scope.source, *(joined for joined, _, _ in scope.joins))):
        raise CannotCompile(member.path, f"{table} is in this query already: give it an alias")
    may_be_missing = member.kind.optional or place.guarded is not None
    scope.joins.append((row.of, row.on, may_be_missing))
    pieces = _object(_model(member), row.fields, Place(scope, row.of, row.of if may_be_missing else None))
    return [_where_there(_key(row.of).is_not(None), pieces)] if may_be_missing else pieces


def _rows(member: Member, rows: Rows) -> ColumnElement[Any]:
    """A subquery of its own: a join would repeat this row for each of them."""
    schema = member.kind.model
    if schema is None or member.kind.is_list_of is not schema:
        raise CannotCompile(member.path, "rows(...) make a list, and the schema says none")
    scope = Scope(rows.of)
    text = object_of(schema, rows.fields, scope)
    inside = scope.select(text).where(rows.on).order_by(rows.order_by).limit(rows.limit)
    own = [table_of(rows.of), *(table_of(joined) for joined, _, _ in scope.joins)]
    listed = func.array(inside.correlate_except(*own).scalar_subquery())
    return func.concat(word("["), func.array_to_string(listed, word(",")), word("]"), type_=Text)


def _model(member: Member) -> type[BaseModel]:
    model = member.kind.model
    if model is None or member.kind.is_list_of is model:
        raise CannotCompile(member.path, "it is made as an object, and the schema says that it is none")
    return model


def _where_there(condition: ColumnElement[bool], pieces: Sequence[Piece]) -> ColumnElement[Any]:
    return case((condition, concatenated(pieces)), else_=word("null"))


def table_of(source: Source) -> FromClause:
    found: FromClause = inspect(source).selectable
    return found


def _key(source: Source) -> ColumnElement[Any]:
    key: ColumnElement[Any] = next(iter(table_of(source).primary_key))
    return key
