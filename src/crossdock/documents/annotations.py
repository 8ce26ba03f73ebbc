"""What a schema's annotation says of a field: its type, whether it may be null, whether it is a list."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import (
    AwareDatetime,
    BaseModel,
    FutureDate,
    FutureDatetime,
    JsonValue,
    NaiveDatetime,
    PastDate,
    PastDatetime,
)

JSON_LIKE = "dict, list, str, int, bool, Any, JsonValue"


STAND_INS: dict[Any, type] = {
    AwareDatetime: datetime,
    NaiveDatetime: datetime,
    PastDatetime: datetime,
    FutureDatetime: datetime,
    PastDate: date,
    FutureDate: date,
}
"""Pydantic's names for a type and a check of it."""


class NoKind(Exception):
    """The annotation is one that documents have no word for."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`python` is the class that a value has, `list` and `dict` among them."""

    python: Any
    optional: bool = False
    is_list_of: Any = None
    is_json: bool = False

    def __str__(self) -> str:
        inner = f"[{self.is_list_of.__name__}]" if isinstance(self.is_list_of, type) else ""
        return f"{getattr(self.python, '__name__', self.python)}{inner}"

    @property
    def model(self) -> type[BaseModel] | None:
        """The nested schema, of an object or of the objects in a list."""
        for each in (self.python, self.is_list_of):
            if isinstance(each, type) and issubclass(each, BaseModel):
                return each
        return None


def kind_of(annotation: Any) -> Kind:
    """Raises NoKind for a union of several types, or what is no type at all."""
    plain = _bare(annotation)
    given = get_args(plain) if get_origin(plain) in (Union, UnionType) else (plain,)
    types = [_bare(each) for each in given if each is not NoneType]
    if plain in (Any, JsonValue):
        return Kind(dict, optional=True, is_json=True)
    if len(types) != 1:
        raise NoKind(f"there is no rule for {annotation}")
    return _kind(types[0], optional=NoneType in given)


def _kind(plain: Any, *, optional: bool) -> Kind:
    origin, inside = get_origin(plain), get_args(plain)
    if origin is Literal:
        return Kind(_class_of(inside), optional)
    if (origin or plain) is list:
        element = _bare(inside[0]) if inside else Any
        return Kind(list, optional, element, is_json=_is_json(plain))
    if (origin or plain) is dict:
        return Kind(dict, optional, is_json=_is_json(plain))
    if not isinstance(plain, type):
        raise NoKind(f"there is no rule for {plain}")
    return Kind(plain, optional, is_json=_is_json(plain))


def _class_of(values: tuple[Any, ...]) -> type:
    """Of a Literal: the one class of its values."""
    classes = {type(value) for value in values}
    if len(classes) != 1 or issubclass(next(iter(classes)), Enum):
        raise NoKind(f"there is no rule for a Literal of {', '.join(map(repr, values))}")
    return classes.pop()


def _bare(annotation: Any) -> Any:
    """Without what Annotated adds, and with a type alias's own meaning; JsonValue stays, for it contains itself."""
    while annotation is not JsonValue:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif hasattr(annotation, "__value__"):
            annotation = annotation.__value__
        else:
            break
    return STAND_INS.get(annotation, annotation) if isinstance(annotation, type) else annotation


def _is_json(annotation: Any) -> bool:
    """Is a value of this type the same in JSON, whatever the number of a JSON column looks like?"""
    plain = _bare(annotation)
    if plain in (Any, JsonValue, dict, list, str, int, bool, NoneType):
        return True
    return get_origin(plain) in (dict, list, Union, UnionType) and all(map(_is_json, get_args(plain)))
