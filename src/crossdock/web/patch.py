"""The body of a PATCH, made from the body that creates: the same fields under the same rules, each of them optional."""

from collections.abc import Callable
from types import NoneType
from typing import Annotated, Any, TypeVar, get_args

from pydantic import Field, create_model, field_validator
from pydantic.fields import FieldInfo

from crossdock.web.schemas import Input, not_null

Made = TypeVar("Made", bound="Patch")


class Patch(Input):
    """A change: the fields that are sent are changed, the others stay."""

    def changes(self) -> dict[str, Any]:
        """The fields that were sent, with their values."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}


def patch_of(whole: type[Input]) -> Callable[[type[Made]], type[Made]]:
    """`@patch_of(DockIn)` over `class DockPatch(Patch)`. What cannot be null there cannot be set to null here."""
    fields: dict[str, Any] = {name: (_optional(field), _nothing()) for name, field in whole.model_fields.items()}
    filled = [name for name, field in whole.model_fields.items() if NoneType not in get_args(field.annotation)]
    validators: dict[str, Any] = {"no_nulls": field_validator(*filled, mode="before")(not_null)} if filled else {}

    def decorate(patch: type[Made]) -> type[Made]:
        named: dict[str, Any] = {"__doc__": patch.__doc__, "__module__": patch.__module__}
        made: type[Made] = create_model(patch.__name__, __base__=patch, __validators__=validators, **named, **fields)
        return made

    return decorate


def _optional(field: FieldInfo) -> Any:
    field_info: Any = Field(
        description=field.description, examples=field.examples, json_schema_extra=field.json_schema_extra
    )
    return Annotated[field.rebuild_annotation(), field_info]


def _nothing() -> Any:
    """The default of a field that is left out. `changes` never returns it, so the field's type need not allow it."""
    return Field(default_factory=lambda: None)
