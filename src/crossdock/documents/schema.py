"""What a response schema promises, field by field, in the order of its own JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, PlainSerializer, RootModel, WrapSerializer

from crossdock.documents.annotations import Kind, NoKind, kind_of
from crossdock.documents.errors import CannotCompile


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a schema: its name in Python, its key in the JSON, its type."""

    name: str
    key: str
    kind: Kind
    is_computed: bool
    path: str


def members(schema: type[BaseModel]) -> list[Member]:
    """Raises CannotCompile for what changes the JSON in Python, where PostgreSQL cannot follow."""
    _need_plain(schema)
    found = [*_fields(schema), *_computed(schema)]
    keys: dict[str, Member] = {}
    for member in found:
        other = keys.setdefault(member.key, member)
        if other is not member:
            raise CannotCompile(member.path, f"it is written as {member.key!r}, and so is {other.name}")
    return found


def _need_plain(schema: type[BaseModel]) -> None:
    decorators = schema.__pydantic_decorators__
    if decorators.model_serializers or issubclass(schema, RootModel) or schema.model_config.get("json_encoders"):
        raise CannotCompile(schema.__name__, "it is serialized in Python")
    for serializer in decorators.field_serializers.values():
        raise CannotCompile(f"{schema.__name__}.{serializer.info.fields[0]}", "it is serialized in Python")


def _fields(schema: type[BaseModel]) -> Iterator[Member]:
    by_alias = schema.model_config.get("serialize_by_alias", False)
    for name, field in schema.model_fields.items():
        path = f"{schema.__name__}.{name}"
        if field.exclude:
            continue
        if getattr(field, "exclude_if", None) is not None:
            raise CannotCompile(path, "it is left out by a condition in Python")
        if any(isinstance(each, PlainSerializer | WrapSerializer) for each in field.metadata):
            raise CannotCompile(path, "it is serialized in Python")
        key = (field.serialization_alias if by_alias else None) or name
        yield Member(name, key, _kind(path, field.annotation), is_computed=False, path=path)


def _computed(schema: type[BaseModel]) -> Iterator[Member]:
    by_alias = schema.model_config.get("serialize_by_alias", False)
    for name, field in schema.model_computed_fields.items():
        path = f"{schema.__name__}.{name}"
        yield Member(name, (field.alias if by_alias else None) or name, _kind(path, field.return_type), True, path)


def _kind(path: str, annotation: Any) -> Kind:
    try:
        return kind_of(annotation)
    except NoKind as error:
        raise CannotCompile(path, str(error)) from None
