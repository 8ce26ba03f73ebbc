"""The arguments of a call as JSON and back, by the types that the contract says: so that a call can be run again."""

import inspect
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError
from pydantic_core import PydanticSerializationError

from crossdock.cutover.difference import MASK
from crossdock.cutover.outcome import plain
from crossdock.errors import Conflict
from crossdock.ids import Ids


class NotRepeatable(Conflict):
    """This call cannot be run again from what is kept of it."""


def kept(contract: type[Any], method: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    """By the names of the parameters."""
    function = getattr(contract, method)
    bound = inspect.signature(function).bind(None, *arguments, **named).arguments
    bound.pop(next(iter(bound)))  # self
    return {name: _kept(_type(contract, method, name), value) for name, value in bound.items()}


def again(contract: type[Any], method: str, given: dict[str, Any], ids: Ids = "uuid") -> dict[str, Any]:
    """The arguments by name, for an application with keys of that type.

    Raises NotRepeatable where a secret was masked, or a type cannot be read back.
    """
    if MASK in repr(given):
        raise NotRepeatable("A secret among the arguments is masked, so the call cannot be run again.")
    return {name: _again(_type(contract, method, name), name, value, ids) for name, value in given.items()}


def adapted(kind: Any, name: str, value: Any) -> Any:
    """A value of a type, from JSON's. Raises NotRepeatable."""
    return _again(_adapter(kind), name, value)


def _type(contract: type[Any], method: str, name: str) -> TypeAdapter[Any] | None:
    return _adapter(get_type_hints(getattr(contract, method)).get(name, Any))


@lru_cache(maxsize=512)
def _adapter(kind: Any) -> TypeAdapter[Any] | None:
    if get_origin(kind) in (Collection, Iterable):  # pydantic makes nothing of the one, and an iterator of the other
        kind = list[get_args(kind)]  # type: ignore[misc]
    try:
        return TypeAdapter(kind)
    except PydanticUserError:  # a dataclass of pydantic's own has its configuration
        return None
    except PydanticSchemaGenerationError:
        return TypeAdapter(kind, config=ConfigDict(arbitrary_types_allowed=True))


def _kept(adapter: TypeAdapter[Any] | None, value: Any) -> Any:
    try:
        return plain(value) if adapter is None else adapter.dump_python(value, mode="json", warnings=False)
    except PydanticSerializationError:
        return plain(value)


def _again(adapter: TypeAdapter[Any] | None, name: str, value: Any, ids: Ids = "uuid") -> Any:
    try:
        return value if adapter is None else adapter.validate_python(value, strict=False, context={"ids": ids})
    except ValidationError:
        raise NotRepeatable(f"The argument {name} cannot be read back, so the call cannot be run again.") from None
